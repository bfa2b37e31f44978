// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Where the anchor keeps what enclaves prove
/// @dev Must stay the first base of Anchor: storage proofs name these slots.
/// KEEP IN SYNC: src/protocol/contracts.ts; test/StorageLayout.t.sol fixes the slots.
abstract contract AnchorStorage {
    /// @param stateId Slot 0.
    /// @param number Slot 1, in the low 8 bytes; nothing else shares the slot.
    struct Position {
        bytes32 stateId;
        uint64 number;
    }

    Position internal _position;
}
