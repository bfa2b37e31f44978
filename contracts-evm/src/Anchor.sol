// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {AnchorStorage} from "./base/AnchorStorage.sol";
import {PermanentOwner} from "./base/PermanentOwner.sol";
import {IAnchor} from "./interfaces/IAnchor.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";
import {Commit, CommitHash, Cursor} from "./libraries/CommitHash.sol";

/// @title The ledger's state id and the log of its commits, see IAnchor
contract Anchor is AnchorStorage, PermanentOwner, EIP712, IAnchor {
    /// @notice Whose signatures count.
    IEnclaveRegistry public immutable registry;

    /// @param owner_ Who sets the genesis state.
    /// @param registry_ Whose signatures count.
    constructor(address owner_, IEnclaveRegistry registry_) Ownable(owner_) EIP712("Veilspan", "1") {
        registry = registry_;
    }

    /// @inheritdoc IAnchor
    function initialize(bytes32 genesisState) external override onlyOwner {
        if (_position.stateId != 0) revert AnchorAlreadyInitialized();
        if (genesisState == 0) revert AnchorStateZero();
        _position.stateId = genesisState;
        _idOf[0] = genesisState;
        emit Initialized(genesisState);
    }

    /// @inheritdoc IAnchor
    function commit(Commit calldata commit_, bytes[] calldata signatures) external override {
        _requireNext(commit_);
        _requireReservedZero(commit_);
        _requireAscending(commit_.inputs);
        registry.requireQuorum(_hashTypedDataV4(CommitHash.hash(commit_)), commit_.epoch, signatures);
        _position.stateId = commit_.postState;
        _position.number = commit_.number;
        _idOf[commit_.number] = commit_.postState;
        _log(commit_);
    }

    /// @inheritdoc IAnchor
    function stateId() external view override returns (bytes32) {
        return _position.stateId;
    }

    /// @inheritdoc IAnchor
    function number() external view override returns (uint64) {
        return _position.number;
    }

    /// @inheritdoc IAnchor
    function idOf(uint64 number_) external view override returns (bytes32) {
        return _idOf[number_];
    }

    function _log(Commit calldata commit_) private {
        emit Committed(
            commit_.number,
            commit_.postState,
            commit_.prevState,
            commit_.round,
            commit_.asOf,
            commit_.inputs,
            commit_.control,
            commit_.paid,
            commit_.beneficiary
        );
    }

    function _requireNext(Commit calldata commit_) private view {
        bytes32 stored = _position.stateId;
        uint64 expected = _position.number + 1;
        if (stored == 0) revert AnchorNotInitialized();
        if (commit_.number != expected) revert AnchorWrongNumber(commit_.number, expected);
        if (commit_.prevState != stored) revert AnchorStaleState(commit_.prevState, stored);
        if (commit_.postState == 0) revert AnchorStateZero();
        if (commit_.beneficiary == 0) revert AnchorBeneficiaryZero();
    }

    /// @dev What no rule reads yet must not be used to mean anything.
    function _requireReservedZero(Commit calldata commit_) private pure {
        uint256 paid = commit_.paid.length;
        if (commit_.round != 0 || commit_.asOf != 0 || commit_.control != 0 || paid != 0) {
            revert AnchorReservedFieldSet(commit_.round, commit_.asOf, commit_.control, paid);
        }
    }

    function _requireAscending(Cursor[] calldata inputs) private pure {
        for (uint256 i = 1; i < inputs.length; ++i) {
            uint256 previous = inputs[i - 1].chainId;
            if (inputs[i].chainId <= previous) {
                revert AnchorCursorsNotAscending(previous, inputs[i].chainId);
            }
        }
    }
}
