// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGateway} from "../interfaces/IGateway.sol";

/// @title A recipient that refuses the native coin until told otherwise, for local chains
contract RefusingReceiver {
    /// @notice Whether the coin is taken.
    bool public accepting;

    /// @notice The coin is not wanted now.
    error ReceiverRefuses();

    receive() external payable {
        if (!accepting) revert ReceiverRefuses();
    }

    /// @notice From now on takes or refuses the coin.
    function setAccepting(bool accepting_) external {
        accepting = accepting_;
    }

    /// @notice Has a release that was put aside for this contract paid to `to`.
    function claimTo(IGateway gateway, uint64 index, address to) external {
        gateway.claimTo(index, to);
    }
}
