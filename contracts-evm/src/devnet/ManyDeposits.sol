// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGateway} from "../interfaces/IGateway.sol";

/// @title Makes many deposits of the native coin in one transaction, for benchmarks on local chains
contract ManyDeposits {
    /// @notice Deposits `amount` once for each envelope; `msg.value` is their sum.
    function deposit(
        IGateway gateway,
        bytes32 asset,
        uint256 amount,
        uint256 maxFee,
        uint256 destination,
        bytes[] calldata envelopes
    ) external payable {
        for (uint256 i = 0; i < envelopes.length; ++i) {
            gateway.deposit{value: amount}(asset, amount, maxFee, destination, msg.sender, envelopes[i]);
        }
    }
}
