// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {ClaimBook} from "./base/ClaimBook.sol";
import {GatewayStorage} from "./base/GatewayStorage.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";
import {IGateway} from "./interfaces/IGateway.sol";
import {Message, Outbox} from "./libraries/Outbox.sol";
import {Release, ReleaseBatch, ReleaseHash} from "./libraries/ReleaseHash.sol";

/// @title A chain's door, see IGateway; claims are in ClaimBook, assets in AssetBook, pauses in ScopedPause
contract Gateway is GatewayStorage, ClaimBook, EIP712 {
    using BitMaps for BitMaps.BitMap;

    /// @notice The longest envelope.
    /// @dev test/vectors/typed-data.json holds these constants and src/protocol to the same values.
    uint256 public constant MAX_ENVELOPE_BYTES = 832;
    /// @notice Most releases, and most fees, of one batch.
    uint256 public constant MAX_BATCH_RELEASES = 16;

    /// @notice Whose signatures count.
    IEnclaveRegistry public immutable registry;

    /// @inheritdoc IGateway
    uint128 public override postFee;

    /// @param owner_ Who registers assets and sets limits.
    /// @param registry_ Whose signatures count.
    constructor(address owner_, IEnclaveRegistry registry_) Ownable(owner_) EIP712("Veilspan", "1") {
        registry = registry_;
    }

    /// @inheritdoc IGateway
    function deposit(
        bytes32 asset,
        uint256 amount,
        uint256 maxFee,
        uint256 destination,
        address refundTo,
        bytes calldata envelope
    ) external payable override nonReentrant returns (uint64 index) {
        _requireNotPaused(DEPOSITS_SCOPE);
        _requireNotPaused(asset);
        if (amount > type(uint128).max) revert GatewayAmountTooLarge(amount);
        if (destination == block.chainid) revert GatewayWrongDestination(destination);
        if (_isNobody(refundTo)) revert GatewayWrongRefundTo(refundTo);
        uint256 fee = quoteFee(asset);
        if (fee > maxFee) revert GatewayFeeAboveMax(fee, maxFee);
        uint256 least = leastDeposit(asset);
        if (amount < least) revert GatewayAmountTooSmall(amount, least);
        _take(asset, amount);
        Message memory message;
        message.refundTo = refundTo;
        message.asset = asset;
        message.amount = amount;
        message.fee = fee;
        message.destination = destination;
        return _send(message, envelope);
    }

    /// @inheritdoc IGateway
    function post(bytes[] calldata envelopes)
        external
        payable
        override
        nonReentrant
        returns (uint64 firstIndex)
    {
        bytes32 asset = _nativeAsset();
        _requireNotPaused(DEPOSITS_SCOPE);
        _requireNotPaused(asset);
        _requireRegistered(asset);
        uint256 fee = postFee;
        if (fee == 0) revert GatewayPostFeeZero();
        if (envelopes.length == 0) revert GatewayPostEmpty();
        _take(asset, fee * envelopes.length);
        firstIndex = _sent.count;
        Message memory message;
        message.refundTo = msg.sender;
        message.asset = asset;
        message.amount = fee;
        message.fee = fee;
        for (uint256 i = 0; i < envelopes.length; ++i) {
            // Of one length, so that none says more than another and none costs its sender less than enclaves.
            uint256 envelopeBytes = envelopes[i].length;
            if (envelopeBytes != MAX_ENVELOPE_BYTES) revert GatewayEnvelopeLength(envelopeBytes);
            _send(message, envelopes[i]);
        }
    }

    /// @inheritdoc IGateway
    function setPostFee(uint128 postFee_) external override onlyOwner {
        if (postFee_ == 0) revert GatewayPostFeeZero();
        postFee = postFee_;
        emit PostFeeChanged(postFee_);
    }

    /// @inheritdoc IGateway
    function release(ReleaseBatch calldata batch, bytes[] calldata signatures)
        external
        override
        nonReentrant
    {
        _requireNotPaused(RELEASES_SCOPE);
        _requireNext(batch);
        (bytes32 structHash, bytes32 head) = ReleaseHash.hash(batch);
        registry.requireQuorum(_hashTypedDataV4(structHash), batch.epoch, signatures);
        // CAST: at most `MAX_BATCH_RELEASES`.
        uint64 count = uint64(batch.releases.length);
        _released.head = head;
        _released.count = batch.firstIndex + count;
        if (batch.consumedCount > _consumedCount) _consumedCount = batch.consumedCount;
        uint256 payoutsLeft = count + batch.fees.length;
        for (uint64 i = 0; i < count; ++i) {
            _execute(batch.firstIndex + i, batch.releases[i], payoutsLeft--);
        }
        for (uint256 i = 0; i < batch.fees.length; ++i) {
            _payFee(batch.fees[i], payoutsLeft--);
        }
        emit BatchReleased(batch.firstIndex, count, head, msg.sender);
    }

    /// @inheritdoc IGateway
    function sentHead() external view override returns (bytes32) {
        return _sent.head;
    }

    /// @inheritdoc IGateway
    function sentCount() external view override returns (uint64) {
        return _sent.count;
    }

    /// @inheritdoc IGateway
    function releasedHead() external view override returns (bytes32) {
        return _released.head;
    }

    /// @inheritdoc IGateway
    function releasedCount() external view override returns (uint64) {
        return _released.count;
    }

    /// @inheritdoc IGateway
    function consumedCount() external view override returns (uint64) {
        return _consumedCount;
    }

    /// @inheritdoc IGateway
    function headAt(uint64 k) external view override returns (bytes32) {
        return _heads[k];
    }

    /// @inheritdoc IGateway
    function isSpent(uint64 index) external view override returns (bool) {
        return _spent.get(index);
    }

    /// @dev Appends a message of which all is said but its place.
    function _send(Message memory message, bytes calldata envelope) private returns (uint64 index) {
        uint256 envelopeBytes = envelope.length;
        if (envelopeBytes == 0 || envelopeBytes > MAX_ENVELOPE_BYTES) {
            revert GatewayEnvelopeLength(envelopeBytes);
        }
        index = _sent.count;
        message.version = Outbox.MESSAGE_VERSION;
        message.chainId = block.chainid;
        message.gateway = address(this);
        message.index = index;
        message.sentAtSec = uint64(block.timestamp);
        message.sender = msg.sender;
        message.envelopeHash = keccak256(envelope);
        bytes32 head = Outbox.append(_sent.head, message);
        uint64 count = index + 1;
        _sent.head = head;
        _sent.count = count;
        if (count % Outbox.HEAD_INTERVAL == 0) _heads[count / Outbox.HEAD_INTERVAL] = head;
        _log(message, envelope, head);
    }

    function _log(Message memory message, bytes calldata envelope, bytes32 head) private {
        emit Deposited(
            message.index,
            message.sender,
            message.asset,
            message.amount,
            message.fee,
            message.destination,
            message.sentAtSec,
            message.refundTo,
            envelope,
            head
        );
    }

    /// @dev Pays a release, unless it gives back what was given back before or was never taken.
    function _execute(uint64 index, Release calldata item, uint256 payoutsLeft) private {
        uint64 refundOf = item.refundOf;
        if (refundOf != 0) {
            if (refundOf > _sent.count) return _skip(index, item, SkipReason.MessageUnknown);
            if (_spent.get(refundOf - 1)) return _skip(index, item, SkipReason.AlreadySpent);
            _spent.set(refundOf - 1);
        }
        _payRelease(index, item, payoutsLeft);
    }

    function _skip(uint64 index, Release calldata item, SkipReason reason) private {
        emit ReleaseSkipped(index, item.tag, item.refundOf, reason);
    }

    function _requireNext(ReleaseBatch calldata batch) private view {
        if (batch.chainId != block.chainid) revert GatewayWrongChain(batch.chainId, block.chainid);
        if (batch.gateway != address(this)) revert GatewayWrongGateway(batch.gateway);
        if (batch.submitter != msg.sender) revert GatewayCallerNotSubmitter(msg.sender, batch.submitter);
        if (batch.firstIndex != _released.count) {
            revert GatewayWrongIndex(batch.firstIndex, _released.count);
        }
        if (batch.prevHead != _released.head) {
            revert GatewayWrongHead(batch.prevHead, _released.head);
        }
        if (batch.releases.length > MAX_BATCH_RELEASES || batch.fees.length > MAX_BATCH_RELEASES) {
            revert GatewayBatchTooLarge(batch.releases.length, batch.fees.length);
        }
        if (batch.consumedCount > _sent.count) {
            revert GatewayConsumedAboveSent(batch.consumedCount, _sent.count);
        }
    }
}
