// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IGateway} from "../interfaces/IGateway.sol";
import {Fee, Release} from "../libraries/ReleaseHash.sol";
import {AssetBook} from "./AssetBook.sol";

/// @title What a batch pays, and what of it was put aside to be claimed
abstract contract ClaimBook is AssetBook, ReentrancyGuard, IGateway {
    /// @notice Gas that code gets at least when a batch pays it the native coin.
    uint256 public constant RECIPIENT_GAS = 100_000;
    /// @notice Gas that a token gets at least when a batch pays in it, the questions about balances included.
    uint256 public constant TOKEN_GAS = 200_000;
    /// @notice How long a claim that nobody can make stands before the owner may name who gets it, in seconds.
    uint64 public constant ASSIGN_DELAY_SEC = 30 days;

    /// @dev Besides its share, with EIP-150's 64th, this much puts a payout aside.
    uint256 private constant DEFER_GAS = 200_000;
    /// @dev Precompiles have no code, yet may use up all gas they get.
    uint160 private constant LAST_PRECOMPILE = 0xffff;

    mapping(uint64 index => Claim) private _claims;
    /// @inheritdoc IGateway
    mapping(address submitter => mapping(bytes32 asset => uint256)) public override feesOf;

    /// @inheritdoc IGateway
    function claim(uint64 index) external override nonReentrant {
        Claim storage item = _claims[index];
        address recipient = item.recipient;
        // SECURITY: else anybody could choose a gas at which the recipient takes the money and cannot deal with it.
        if (msg.sender != recipient) _payoutGas(item.asset, recipient, 0);
        _payClaim(index, recipient);
    }

    /// @inheritdoc IGateway
    function claimTo(uint64 index, address to) external override nonReentrant {
        address recipient = _claims[index].recipient;
        if (msg.sender != recipient) revert GatewayCallerNotRecipient(msg.sender, recipient);
        _payClaim(index, to);
    }

    /// @inheritdoc IGateway
    function claimFees(bytes32 asset, address to) external override nonReentrant {
        _requireNotPaused(RELEASES_SCOPE);
        uint256 owed = feesOf[msg.sender][asset];
        if (owed == 0) revert GatewayNoFees(msg.sender, asset);
        (uint256 moved, uint256 left) = _payPart(asset, to, owed);
        feesOf[msg.sender][asset] = left;
        emit FeesClaimed(asset, msg.sender, moved, left, to);
    }

    /// @inheritdoc IGateway
    function assignClaim(uint64 index, address to) external override onlyOwner {
        Claim storage item = _claims[index];
        if (item.deferredAtSec == 0) revert GatewayClaimUnknown(index);
        if (!_isNobody(item.recipient)) revert GatewayClaimNotOrphaned(index, item.recipient);
        uint64 fromSec = item.deferredAtSec + ASSIGN_DELAY_SEC;
        if (block.timestamp < fromSec) revert GatewayClaimTooYoung(index, fromSec);
        if (_isNobody(to)) revert GatewayClaimFailed(DeferReason.RecipientImpossible);
        item.recipient = to;
        emit ClaimAssigned(index, to);
    }

    /// @inheritdoc IGateway
    function claimOf(uint64 index) external view override returns (Claim memory) {
        return _claims[index];
    }

    /// @dev Pays a release of a batch, with `payoutsLeft` payouts to come including it, and puts aside what cannot be paid.
    function _payRelease(uint64 index, Release calldata item, uint256 payoutsLeft) internal {
        (uint256 moved, DeferReason reason) =
            _pay(item.asset, item.recipient, item.amount, _payoutGas(item.asset, item.recipient, payoutsLeft));
        if (moved != 0 || reason == DeferReason.None) {
            emit Released(index, item.tag, item.asset, item.recipient, moved);
        }
        if (reason == DeferReason.None) return;
        uint256 left = item.amount - moved;
        // CAST: seconds of Unix time.
        _claims[index] = Claim(item.tag, item.asset, item.recipient, uint64(block.timestamp), left);
        emit ReleaseDeferred(index, item.tag, item.asset, item.recipient, left, reason);
    }

    /// @dev Pays a fee of a batch to its submitter, the caller, and puts aside what cannot be paid.
    function _payFee(Fee calldata fee, uint256 payoutsLeft) internal {
        (uint256 moved, DeferReason reason) =
            _pay(fee.asset, msg.sender, fee.amount, _payoutGas(fee.asset, msg.sender, payoutsLeft));
        if (moved != 0 || reason == DeferReason.None) emit FeePaid(fee.asset, msg.sender, moved);
        if (reason == DeferReason.None) return;
        uint256 left = fee.amount - moved;
        // Saturates, because a signed amount may be anything and an overflow here would hold up the batch.
        feesOf[msg.sender][fee.asset] = Math.saturatingAdd(feesOf[msg.sender][fee.asset], left);
        emit FeeDeferred(fee.asset, msg.sender, left, reason);
    }

    function _payClaim(uint64 index, address to) private {
        _requireNotPaused(RELEASES_SCOPE);
        Claim memory item = _claims[index];
        if (item.deferredAtSec == 0) revert GatewayClaimUnknown(index);
        (uint256 moved, uint256 left) = _payPart(item.asset, to, item.amount);
        if (left == 0) delete _claims[index];
        else _claims[index].amount = left;
        emit Claimed(index, item.tag, to, moved, left);
    }

    /// @dev Pays as much of `owed` as there is room for, at least something.
    /// SECURITY: the debt is lowered after the payout, by what was moved; callers are `nonReentrant`, and so is all that
    /// reads a debt to pay it.
    function _payPart(bytes32 asset, address to, uint256 owed) private returns (uint256 moved, uint256 left) {
        (uint256 room, DeferReason binding) = _roomOf(asset);
        if (room == 0) revert GatewayClaimFailed(binding);
        DeferReason reason;
        (moved, reason) = _pay(asset, to, Math.min(owed, room), gasleft());
        if (moved == 0) revert GatewayClaimFailed(reason);
        left = Math.saturatingSub(owed, moved);
    }

    /// @dev Gas for the next of `payoutsLeft` payouts. Code, of a recipient or of a token, gets an equal share of what is
    /// left, so that however many use up theirs, each later one has as much. A share, because pallet-revive hands a call
    /// weight and storage deposit in the proportion of its gas to all gas left: there a number alone means nothing.
    /// With less than the least share and what puts a payout aside, a submitter could starve payouts on purpose.
    function _payoutGas(bytes32 asset, address to, uint256 payoutsLeft) private view returns (uint256) {
        uint256 left = gasleft();
        bool isNative = _isNative(asset);
        bool runsCode = to.code.length != 0 || uint160(to) <= LAST_PRECOMPILE;
        if (isNative && !runsCode) return left;
        uint256 least = isNative ? RECIPIENT_GAS : TOKEN_GAS;
        if (left < least + DEFER_GAS) revert GatewayGasTooLow(left, least + DEFER_GAS);
        return Math.max(least, left / (payoutsLeft + 1));
    }
}
