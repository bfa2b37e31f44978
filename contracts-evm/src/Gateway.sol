// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {AssetBook} from "./base/AssetBook.sol";
import {GatewayStorage} from "./base/GatewayStorage.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";
import {IGateway} from "./interfaces/IGateway.sol";
import {Message, Outbox} from "./libraries/Outbox.sol";
import {Fee, Release, ReleaseBatch, ReleaseHash} from "./libraries/ReleaseHash.sol";

/// @title A chain's door, see IGateway; assets are in AssetBook, pauses in ScopedPause
contract Gateway is GatewayStorage, AssetBook, EIP712, ReentrancyGuard {
    /// @notice The longest envelope. KEEP IN SYNC: src/protocol/message.ts
    uint256 public constant MAX_ENVELOPE_BYTES = 512;
    /// @notice Most releases, and most fees, of one batch. KEEP IN SYNC: src/protocol/release.ts
    uint256 public constant MAX_BATCH_RELEASES = 16;
    /// @notice Gas that a contract gets at least when a batch pays it the native coin.
    uint256 public constant RECIPIENT_GAS = 100_000;

    /// @dev With this much left, `RECIPIENT_GAS` reaches the recipient (EIP-150) and enough remains to put the payout
    /// aside. Without the check a submitter could starve recipients on purpose.
    uint256 private constant PAYOUT_GAS_FLOOR = RECIPIENT_GAS + 200_000;
    /// @dev Precompiles have no code, yet may use up all gas they get.
    uint160 private constant LAST_PRECOMPILE = 0xffff;

    /// @notice Whose signatures count.
    IEnclaveRegistry public immutable registry;

    mapping(uint64 index => Claim) private _claims;
    /// @inheritdoc IGateway
    mapping(address submitter => mapping(bytes32 asset => uint256)) public override feesOf;

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
        bytes calldata envelope
    ) external payable override nonReentrant returns (uint64 index) {
        _requireNotPaused(DEPOSITS_SCOPE);
        _requireNotPaused(asset);
        _requireSendable(amount, destination, envelope.length);
        uint256 fee = quoteFee(asset, amount);
        if (fee > maxFee) revert GatewayFeeAboveMax(fee, maxFee);
        if (fee >= amount) revert GatewayFeeNotBelowAmount(fee, amount);
        _take(asset, amount);
        index = _append(asset, amount, fee, destination, keccak256(envelope));
        emit Deposited(index, msg.sender, asset, amount, fee, destination, envelope, _sent.head);
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
        uint256 payoutsLeft = count + batch.fees.length;
        for (uint64 i = 0; i < count; ++i) {
            _payRelease(batch.firstIndex + i, batch.releases[i], payoutsLeft--);
        }
        for (uint256 i = 0; i < batch.fees.length; ++i) {
            _payFee(batch.fees[i], payoutsLeft--);
        }
        emit BatchReleased(batch.firstIndex, count, head, msg.sender);
    }

    /// @inheritdoc IGateway
    function claim(uint64 index) external override nonReentrant {
        _payClaim(index, _claims[index].recipient);
    }

    /// @inheritdoc IGateway
    function claimTo(uint64 index, address to) external override nonReentrant {
        address recipient = _claims[index].recipient;
        if (msg.sender != recipient) revert GatewayCallerNotRecipient(msg.sender, recipient);
        _payClaim(index, to);
    }

    /// @inheritdoc IGateway
    function claimFees(bytes32 asset, address to) external override nonReentrant {
        _requireNotPaused(RELEASES_SCOPE);
        uint256 amount = feesOf[msg.sender][asset];
        if (amount == 0) revert GatewayNoFees(msg.sender, asset);
        delete feesOf[msg.sender][asset];
        DeferReason reason = _pay(asset, to, amount, gasleft());
        if (reason != DeferReason.None) revert GatewayClaimFailed(reason);
        emit FeesClaimed(asset, msg.sender, amount, to);
    }

    /// @inheritdoc IGateway
    function claimOf(uint64 index) external view override returns (Claim memory) {
        return _claims[index];
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

    function _append(bytes32 asset, uint256 amount, uint256 fee, uint256 destination, bytes32 envelopeHash)
        private
        returns (uint64 index)
    {
        index = _sent.count;
        Message memory message = Message({
            version: Outbox.MESSAGE_VERSION,
            chainId: block.chainid,
            gateway: address(this),
            index: index,
            sender: msg.sender,
            asset: asset,
            amount: amount,
            fee: fee,
            destination: destination,
            envelopeHash: envelopeHash
        });
        _sent.head = Outbox.append(_sent.head, message);
        _sent.count = index + 1;
    }

    function _payRelease(uint64 index, Release calldata item, uint256 payoutsLeft) private {
        DeferReason reason = _pay(
            item.asset, item.recipient, item.amount, _recipientGas(item.asset, item.recipient, payoutsLeft)
        );
        if (reason == DeferReason.None) {
            emit Released(index, item.tag, item.asset, item.recipient, item.amount);
            return;
        }
        _claims[index] = Claim(item.tag, item.asset, item.recipient, item.amount);
        emit ReleaseDeferred(index, item.tag, item.asset, item.recipient, item.amount, reason);
    }

    function _payFee(Fee calldata fee, uint256 payoutsLeft) private {
        DeferReason reason =
            _pay(fee.asset, msg.sender, fee.amount, _recipientGas(fee.asset, msg.sender, payoutsLeft));
        if (reason == DeferReason.None) {
            emit FeePaid(fee.asset, msg.sender, fee.amount);
            return;
        }
        feesOf[msg.sender][fee.asset] += fee.amount;
        emit FeeDeferred(fee.asset, msg.sender, fee.amount, reason);
    }

    function _payClaim(uint64 index, address to) private {
        _requireNotPaused(RELEASES_SCOPE);
        Claim memory item = _claims[index];
        if (item.asset == 0 && item.recipient == address(0)) revert GatewayClaimUnknown(index);
        delete _claims[index];
        DeferReason reason = _pay(item.asset, to, item.amount, gasleft());
        if (reason != DeferReason.None) revert GatewayClaimFailed(reason);
        emit Claimed(index, item.tag, to);
    }

    /// @dev Gas for the recipient of the next of `payoutsLeft` payouts. Code gets an equal share of what is left, so that
    /// however many recipients use up theirs, each later one has as much. A share, because pallet-revive hands a call
    /// weight and storage deposit in the proportion of its gas to all gas left: there a number alone means nothing.
    function _recipientGas(bytes32 asset, address to, uint256 payoutsLeft) private view returns (uint256) {
        uint256 left = gasleft();
        bool runsCode = to.code.length != 0 || uint160(to) <= LAST_PRECOMPILE;
        if (!runsCode || !_isNative(asset)) return left;
        if (left < PAYOUT_GAS_FLOOR) revert GatewayGasTooLow(left, PAYOUT_GAS_FLOOR);
        return Math.max(RECIPIENT_GAS, left / (payoutsLeft + 1));
    }

    function _requireSendable(uint256 amount, uint256 destination, uint256 envelopeBytes) private view {
        if (amount > type(uint128).max) revert GatewayAmountTooLarge(amount);
        if (destination == 0 || destination == block.chainid) {
            revert GatewayWrongDestination(destination);
        }
        if (envelopeBytes == 0 || envelopeBytes > MAX_ENVELOPE_BYTES) {
            revert GatewayEnvelopeLength(envelopeBytes);
        }
    }

    function _requireNext(ReleaseBatch calldata batch) private view {
        if (batch.chainId != block.chainid) revert GatewayWrongChain(batch.chainId, block.chainid);
        if (batch.gateway != address(this)) revert GatewayWrongGateway(batch.gateway);
        if (batch.firstIndex != _released.count) {
            revert GatewayWrongIndex(batch.firstIndex, _released.count);
        }
        if (batch.prevHead != _released.head) {
            revert GatewayWrongHead(batch.prevHead, _released.head);
        }
        if (batch.releases.length > MAX_BATCH_RELEASES || batch.fees.length > MAX_BATCH_RELEASES) {
            revert GatewayBatchTooLarge(batch.releases.length, batch.fees.length);
        }
    }
}
