// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice How much more has left than came in lately, and how much may.
/// @param limit Most that `used` may be, and the most that deposits can lower it below zero.
/// @param usedScaled Net outflow as of `syncedAtSec`, times `WINDOW_SEC`; negative if more came in than left.
/// @param syncedAtSec When `usedScaled` was computed, in seconds of Unix time.
struct Outflow {
    uint128 limit;
    int192 usedScaled;
    uint64 syncedAtSec;
}

/// @title A limit on net outflow
/// @notice `used` is what left less what came in, within −limit … limit. It goes back to zero from either side, at `limit`
/// per window. So whatever the order of events, over any time T no more leaves, less what comes in meanwhile, than
/// 2 × limit + limit × T / window. A refund at once takes no room that its own deposit did not give; what a deposit gives
/// decays within a window and ends at the limit, so a later refund, or one above the limit, takes room of others.
/// @dev `used` is kept times the window's length: a second's share of the limit is then a whole number, nothing is rounded
/// and nothing is lost however often the account is brought up to date.
library NetOutflow {
    /// @notice Time in which `used` goes from the limit to zero, in seconds. A day is long beside the time from a deposit to
    /// its refund (finality and a commit), so that what the deposit gave is nearly all there when its refund takes it.
    uint64 internal constant WINDOW_SEC = 1 days;

    int256 private constant SCALE = int256(uint256(WINDOW_SEC));

    /// @notice What may leave at this moment, rounded down: 0 … 2 × limit.
    function available(Outflow storage self) internal view returns (uint256) {
        int256 room = _scaled(self.limit) - _usedScaled(self);
        // CAST: `used` is never above the limit.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint256(room) / WINDOW_SEC;
    }

    /// @notice Books what left. More than is available leaves nothing available.
    function addOutflow(Outflow storage self, uint256 amount) internal {
        _store(self, _usedScaled(self) + _scaled(_bounded(amount)));
    }

    /// @notice Books what came in. It gives room for as much, down to −limit.
    function addInflow(Outflow storage self, uint256 amount) internal {
        _store(self, _usedScaled(self) - _scaled(_bounded(amount)));
    }

    /// @notice Changes the limit. What is used or credited beyond a lower limit is cut to it; nothing else changes.
    /// @param limit Zero lets nothing leave.
    function setLimit(Outflow storage self, uint128 limit) internal {
        int256 usedScaled = _usedScaled(self);
        self.limit = limit;
        _store(self, usedScaled);
    }

    /// @dev `used` at this moment: what was stored, nearer to zero by what has decayed since, never past it.
    function _usedScaled(Outflow storage self) private view returns (int256) {
        int256 stored = self.usedScaled;
        // At most 128 + 64 bits. Times `limit` per second of a value that is scaled by the window's seconds.
        int256 decayed = int256(uint256(self.limit) * (block.timestamp - self.syncedAtSec));
        if (stored > 0) return stored > decayed ? stored - decayed : int256(0);
        return stored < -decayed ? stored + decayed : int256(0);
    }

    function _store(Outflow storage self, int256 usedScaled) private {
        int256 most = _scaled(self.limit);
        if (usedScaled > most) usedScaled = most;
        else if (usedScaled < -most) usedScaled = -most;
        // CAST: at most 128 bits times the window's 17.
        // forge-lint: disable-next-line(unsafe-typecast)
        self.usedScaled = int192(usedScaled);
        self.syncedAtSec = uint64(block.timestamp);
    }

    /// @dev A hostile token may claim to have moved anything; beyond twice the largest limit it makes no difference.
    function _bounded(uint256 amount) private pure returns (uint256) {
        return Math.min(amount, 2 * uint256(type(uint128).max));
    }

    /// @param amount At most 129 bits.
    function _scaled(uint256 amount) private pure returns (int256) {
        // CAST: with the window's 17 bits far from the sign.
        // forge-lint: disable-next-line(unsafe-typecast)
        return int256(amount) * SCALE;
    }
}
