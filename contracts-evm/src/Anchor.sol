// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {ControlBook} from "./base/ControlBook.sol";
import {IAnchor} from "./interfaces/IAnchor.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";
import {Commit, CommitHash, Cursor} from "./libraries/CommitHash.sol";

/// @title The ledger's state id and the log of its commits, see IAnchor; what governance says is in ControlBook
contract Anchor is ControlBook, EIP712, IAnchor {
    /// @notice How old `asOf` may be when a block takes the commit, in seconds.
    uint64 public constant MAX_AS_OF_AGE_SEC = 1 hours;

    /// @notice Whose signatures count.
    IEnclaveRegistry public immutable registry;

    /// @param owner_ Who sets the genesis state and sends control messages.
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
        _requireProgress(commit_);
        _requireAscending(commit_.inputs);
        _requireAscending(commit_.paid);
        registry.requireQuorum(_hashTypedDataV4(CommitHash.hash(commit_)), commit_.epoch, signatures);
        _position.stateId = commit_.postState;
        _position.number = commit_.number;
        _idOf[commit_.number] = commit_.postState;
        _progress.round = commit_.round;
        _progress.asOf = commit_.asOf;
        _progress.control = commit_.control;
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

    /// @inheritdoc IAnchor
    function progress() external view override returns (Progress memory) {
        return _progress;
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

    function _requireProgress(Commit calldata commit_) private view {
        Progress memory last = _progress;
        if (commit_.round <= last.round) revert AnchorRoundNotAscending(commit_.round, last.round);
        if (commit_.asOf < last.asOf) revert AnchorAsOfBackwards(commit_.asOf, last.asOf);
        bool isOld = block.timestamp > uint256(commit_.asOf) + MAX_AS_OF_AGE_SEC;
        if (commit_.asOf > block.timestamp || isOld) {
            revert AnchorAsOfOutOfTime(commit_.asOf, block.timestamp);
        }
        uint64 least = last.control > last.suspendedThrough ? last.control : last.suspendedThrough;
        uint64 most = _control.count;
        if (commit_.control < least || commit_.control > most) {
            revert AnchorControlOutOfRange(commit_.control, least, most);
        }
    }

    function _requireAscending(Cursor[] calldata cursors) private pure {
        for (uint256 i = 1; i < cursors.length; ++i) {
            uint256 previous = cursors[i - 1].chainId;
            if (cursors[i].chainId <= previous) {
                revert AnchorCursorsNotAscending(previous, cursors[i].chainId);
            }
        }
    }
}
