// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {ChainPosition} from "../libraries/Outbox.sol";

/// @title Where the gateway keeps what enclaves prove
/// @dev Must stay the first base of Gateway: storage proofs name these slots. test/vectors/typed-data.json names them for
/// test/StorageLayout.t.sol and for src/protocol/contracts.ts.
abstract contract GatewayStorage {
    /// @dev Head in slot 0, count in slot 1.
    ChainPosition internal _sent;
    /// @dev Head in slot 2, count in slot 3.
    ChainPosition internal _released;
    /// @dev Slot 4, shared with nothing: what follows begins a slot of its own.
    uint64 internal _consumedCount;
    /// @dev Slot 5: the outbox's head after message 256 × k, under k from 1 on.
    mapping(uint64 k => bytes32) internal _heads;
    /// @dev Slot 6: a bit for every message that was refunded, in words of 256.
    BitMaps.BitMap internal _spent;
}
