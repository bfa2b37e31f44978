// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChainPosition} from "../libraries/Outbox.sol";

/// @title Where the gateway keeps what enclaves prove
/// @dev Must stay the first base of Gateway: storage proofs name these slots.
/// KEEP IN SYNC: src/protocol/contracts.ts; test/StorageLayout.t.sol fixes the slots.
abstract contract GatewayStorage {
    /// @dev Head in slot 0, count in slot 1.
    ChainPosition internal _sent;
    /// @dev Head in slot 2, count in slot 3.
    ChainPosition internal _released;
}
