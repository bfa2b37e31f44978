// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchor} from "../interfaces/IAnchor.sol";
import {ChainPosition} from "../libraries/Outbox.sol";

/// @title Where the anchor keeps what enclaves prove
/// @dev Must stay the first base of Anchor: storage proofs name these slots. test/vectors/typed-data.json names them for
/// test/StorageLayout.t.sol and for src/protocol/contracts.ts.
abstract contract AnchorStorage {
    /// @param stateId Slot 0.
    /// @param number Slot 1, in the low 8 bytes; nothing else shares the slot.
    struct Position {
        bytes32 stateId;
        uint64 number;
    }

    Position internal _position;
    /// @dev Slot 2: the state id after every transition, under its number; the genesis state's under 0.
    mapping(uint64 number => bytes32) internal _idOf;
    /// @dev Slot 3: four times 8 bytes, from the low end.
    IAnchor.Progress internal _progress;
    /// @dev The outbox of control messages: head in slot 4, count in slot 5, which what follows does not share.
    ChainPosition internal _control;
}
