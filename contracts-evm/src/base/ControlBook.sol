// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

import {IControlBook} from "../interfaces/IControlBook.sol";
import {ControlHash, ControlMessage} from "../libraries/ControlHash.sol";
import {AnchorStorage} from "./AnchorStorage.sol";
import {PermanentOwner} from "./PermanentOwner.sol";

/// @title The anchor's outbox of control messages, see IControlBook
abstract contract ControlBook is AnchorStorage, PermanentOwner, Multicall, IControlBook {
    /// @notice Most rungs of one asset.
    uint256 public constant MAX_RUNGS = 7;
    /// @notice The highest code of a rung: 5 × 10^37.
    /// @dev So high that any amount of 128 bits can be a rung, and so low that its product with one fits a word.
    uint8 public constant MAX_RUNG = 113;

    /// @inheritdoc IControlBook
    function registerAsset(
        bytes32 asset,
        uint128 poolUnit,
        uint8[] calldata rungs,
        uint128 entryFee,
        uint128 leastBalance
    ) external override onlyOwner {
        _requireNotZero(uint256(asset), "asset");
        _requireNotZero(poolUnit, "poolUnit");
        if (!_areRungs(poolUnit, rungs)) revert AnchorWrongRungs(poolUnit, rungs);
        _send(ControlHash.REGISTER_ASSET, 0, abi.encode(asset, poolUnit, rungs, entryFee, leastBalance));
    }

    /// @inheritdoc IControlBook
    function setRate(bytes32 asset, uint64 chainId, uint128 rate) external override onlyOwner {
        _requireNotZero(uint256(asset), "asset");
        _requireNotZero(chainId, "chainId");
        _send(ControlHash.SET_RATE, 0, abi.encode(asset, chainId, rate));
    }

    /// @inheritdoc IControlBook
    function setReward(bytes32 asset, uint128 reward) external override onlyOwner {
        _requireNotZero(uint256(asset), "asset");
        _send(ControlHash.SET_REWARD, 0, abi.encode(asset, reward));
    }

    /// @inheritdoc IControlBook
    function suspend(uint64 chainId) external override onlyOwner {
        _requireNotZero(chainId, "chainId");
        _send(ControlHash.SUSPEND, _progress.round + 1, abi.encode(chainId));
        _progress.suspendedThrough = _control.count;
    }

    /// @inheritdoc IControlBook
    function resume(uint64 chainId) external override onlyOwner {
        _requireNotZero(chainId, "chainId");
        _send(ControlHash.RESUME, 0, abi.encode(chainId));
    }

    /// @inheritdoc IControlBook
    function startEpoch(uint64 epoch, uint64 round) external override onlyOwner {
        _requireNotZero(epoch, "epoch");
        _send(ControlHash.START_EPOCH, round, abi.encode(epoch));
    }

    /// @inheritdoc IControlBook
    function nameSuccessor(bytes32 measurement) external override onlyOwner {
        _requireNotZero(uint256(measurement), "measurement");
        _send(ControlHash.NAME_SUCCESSOR, 0, abi.encode(measurement));
    }

    /// @inheritdoc IControlBook
    function controlHead() external view override returns (bytes32) {
        return _control.head;
    }

    /// @inheritdoc IControlBook
    function controlCount() external view override returns (uint64) {
        return _control.count;
    }

    function _send(uint8 kind, uint64 round, bytes memory payload) private {
        uint64 index = _control.count;
        uint64 sentAtSec = uint64(block.timestamp);
        bytes32 head = ControlHash.append(
            _control.head,
            ControlMessage({
                version: ControlHash.VERSION,
                chainId: block.chainid,
                anchor: address(this),
                index: index,
                sentAtSec: sentAtSec,
                round: round,
                kind: kind,
                payloadHash: keccak256(payload)
            })
        );
        _control.head = head;
        _control.count = index + 1;
        emit ControlSent(index, kind, round, sentAtSec, payload, head);
    }

    function _areRungs(uint128 poolUnit, uint8[] calldata rungs) private pure returns (bool) {
        if (rungs.length == 0 || rungs.length > MAX_RUNGS) return false;
        for (uint256 i = 1; i < rungs.length; ++i) {
            if (rungs[i] <= rungs[i - 1]) return false;
        }
        uint8 highest = rungs[rungs.length - 1];
        if (highest > MAX_RUNG) return false;
        uint256 digit = highest % 3 == 2 ? 5 : highest % 3 + 1;
        return digit * 10 ** (highest / 3) * poolUnit <= type(uint128).max;
    }

    function _requireNotZero(uint256 argument, bytes32 name) private pure {
        if (argument == 0) revert AnchorArgumentZero(name);
    }
}
