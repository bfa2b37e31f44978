// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReleaseBatch} from "../libraries/ReleaseHash.sol";
import {IAssetBook} from "./IAssetBook.sol";

/// @title A chain's door: takes deposits and orders into its outbox, pays what the enclaves release
/// @notice Nothing but a pause holds up a batch: a payout that fails or is over a limit is put aside, to be claimed whole or in
/// parts, and every recipient and every token gets a bounded share of the gas. Assets and limits: IAssetBook.
interface IGateway is IAssetBook {
    /// @notice A release, or what is left of it, that was put aside. All zero if there is none.
    /// @param tag The release's.
    /// @param asset Asset id.
    /// @param recipient Who is owed it.
    /// @param deferredAtSec When it was put aside, in seconds of Unix time.
    /// @param amount What is owed still, in the asset's smallest unit.
    struct Claim {
        bytes32 tag;
        bytes32 asset;
        address recipient;
        uint64 deferredAtSec;
        uint256 amount;
    }

    /// @notice Why a refund pays nothing, now or later: its message was refunded before, or this outbox never had it.
    enum SkipReason {
        AlreadySpent,
        MessageUnknown
    }

    /// @notice The outbox has message `index`; `sentHead` is its head with it. All of a post's amount is fee, of a deposit's never.
    event Deposited(
        uint64 indexed index,
        address indexed sender,
        bytes32 indexed asset,
        uint256 amount,
        uint256 fee,
        uint256 destination,
        uint64 sentAtSec,
        address refundTo,
        bytes envelope,
        bytes32 sentHead
    );
    /// @notice Of release `index`, `amount` was paid: all of it, unless `ReleaseDeferred` follows for the rest.
    event Released(
        uint64 indexed index, bytes32 indexed tag, bytes32 indexed asset, address recipient, uint256 amount
    );
    /// @notice Of release `index`, `amount` was put aside, to be claimed.
    event ReleaseDeferred(
        uint64 indexed index,
        bytes32 indexed tag,
        bytes32 indexed asset,
        address recipient,
        uint256 amount,
        DeferReason reason
    );
    /// @notice Release `index` is a refund that pays nothing.
    event ReleaseSkipped(
        uint64 indexed index, bytes32 indexed tag, uint64 indexed refundOf, SkipReason reason
    );
    /// @notice The batch's submitter was paid a fee.
    event FeePaid(bytes32 indexed asset, address indexed submitter, uint256 amount);
    /// @notice A fee was put aside for the batch's submitter.
    event FeeDeferred(bytes32 indexed asset, address indexed submitter, uint256 amount, DeferReason reason);
    /// @notice All releases of a batch were paid, put aside or skipped.
    event BatchReleased(uint64 indexed firstIndex, uint64 count, bytes32 releasedHead, address submitter);
    /// @notice Of a release that had been put aside, `amount` was paid to `to`, and `left` is to be claimed still.
    event Claimed(uint64 indexed index, bytes32 indexed tag, address to, uint256 amount, uint256 left);
    /// @notice Of fees that had been put aside, `amount` was paid to `to`, and `left` is to be claimed still.
    event FeesClaimed(
        bytes32 indexed asset, address indexed submitter, uint256 amount, uint256 left, address to
    );
    /// @notice A claim that nobody could make is `to`'s from now on.
    event ClaimAssigned(uint64 indexed index, address indexed to);
    /// @notice What posting an order costs has changed.
    event PostFeeChanged(uint128 postFee);

    /// @notice The envelope is empty or longer than `MAX_ENVELOPE_BYTES`, or one that is posted is not of that length.
    error GatewayEnvelopeLength(uint256 length);
    /// @notice The amount does not fit 128 bits.
    error GatewayAmountTooLarge(uint256 amount);
    /// @notice The fee is more than the sender agreed to.
    error GatewayFeeAboveMax(uint256 fee, uint256 maxFee);
    /// @notice Less than the fee and what a deposit brings at least; see `leastDeposit`.
    error GatewayAmountTooSmall(uint256 amount, uint256 least);
    /// @notice Posts cost something, or they could not be told from deposits; nobody has said yet how much.
    error GatewayPostFeeZero();
    /// @notice There is nothing to post.
    error GatewayPostEmpty();
    /// @notice The destination is this chain.
    error GatewayWrongDestination(uint256 destination);
    /// @notice A refund to the zero address or to the gateway itself would reach nobody.
    error GatewayWrongRefundTo(address refundTo);
    /// @notice The batch is for another chain.
    error GatewayWrongChain(uint256 chainId, uint256 expected);
    /// @notice The batch is for another gateway.
    error GatewayWrongGateway(address gateway);
    /// @notice The batch was signed for another submitter.
    error GatewayCallerNotSubmitter(address caller, address submitter);
    /// @notice The ledger cannot have consumed more messages than were sent.
    error GatewayConsumedAboveSent(uint64 consumedCount, uint64 sentCount);
    /// @notice The batch is not the next one.
    error GatewayWrongIndex(uint64 firstIndex, uint64 expected);
    /// @notice The batch follows other releases than those paid here.
    error GatewayWrongHead(bytes32 prevHead, bytes32 expected);
    /// @notice More releases or fees than `MAX_BATCH_RELEASES`.
    error GatewayBatchTooLarge(uint256 releases, uint256 fees);
    /// @notice Too little gas to give a payout its share, or what a claim for somebody else needs: submit again with more.
    error GatewayGasTooLow(uint256 gas, uint256 needed);
    /// @notice Nothing was put aside under that index, or it is paid.
    error GatewayClaimUnknown(uint64 index);
    /// @notice Only its recipient may send a claim elsewhere.
    error GatewayCallerNotRecipient(address caller, address recipient);
    /// @notice No fees were put aside for the caller.
    error GatewayNoFees(address submitter, bytes32 asset);
    /// @notice The claim has a recipient who can make it.
    error GatewayClaimNotOrphaned(uint64 index, address recipient);
    /// @notice The claim may be given to somebody from `fromSec` on, in seconds of Unix time.
    error GatewayClaimTooYoung(uint64 index, uint64 fromSec);
    /// @notice Nothing of the payout can be made now.
    error GatewayClaimFailed(DeferReason reason);

    /// @notice Takes `amount` of `asset` and appends one message to the outbox.
    /// @param asset A registered asset.
    /// @param amount What is taken, fee included; for the native coin exactly the value sent.
    /// @param maxFee The most that the fee may be; see `quoteFee`.
    /// @param destination Chain id of the gateway that is to pay; 0 if the envelope is sealed and names the chains.
    /// @param refundTo Who is paid here if the message cannot be carried out; neither zero nor the gateway.
    /// @param envelope 1 to 832 bytes, sealed or transparent, for the enclaves.
    /// @return index Position of the message in the outbox.
    function deposit(
        bytes32 asset,
        uint256 amount,
        uint256 maxFee,
        uint256 destination,
        address refundTo,
        bytes calldata envelope
    ) external payable returns (uint64 index);

    /// @notice Appends orders that bring no asset, one message each, for `postFee` each. Anyone may post anyone's.
    /// @dev A message like that of a deposit of the native coin, all of it fee, without a destination. Nothing of it is ever
    /// given back.
    /// @param envelopes At least one, each of 832 bytes, for the enclaves; the value sent is `postFee` for each.
    /// @return firstIndex Position of the first in the outbox; the others follow.
    function post(bytes[] calldata envelopes) external payable returns (uint64 firstIndex);

    /// @notice Changes what posting an order costs. Owner only.
    /// @param postFee_ In the native coin's smallest unit, not zero.
    function setPostFee(uint128 postFee_) external;

    /// @notice Pays the next batch in order, and its fees to the caller, who must be the submitter it was signed for.
    /// @dev A payout that cannot be made is put aside and holds nothing up. A refund of a message that was refunded before, or
    /// that this outbox does not have, pays nothing: no deposit is behind it.
    /// @param batch Must continue at this gateway's released count and head.
    /// @param signatures A quorum over its EIP-712 digest, by ascending signer address.
    function release(ReleaseBatch calldata batch, bytes[] calldata signatures) external;

    /// @notice Pays a release that was put aside to its recipient, as much of it as there is room for. Anyone may ask; who is
    /// not the recipient must give a recipient with code, or a token, at least the gas that a batch would.
    /// @param index Index of the release.
    function claim(uint64 index) external;

    /// @notice Pays a release that was put aside to another account, as much of it as there is room for. Its recipient only.
    /// @param index Index of the release.
    /// @param to Who is paid instead.
    function claimTo(uint64 index, address to) external;

    /// @notice Pays the fees that were put aside for the caller, as much of them as there is room for.
    /// @param asset Asset of the fees.
    /// @param to Who is paid.
    function claimFees(bytes32 asset, address to) external;

    /// @notice Names who gets a release that was put aside because its recipient is the gateway or the zero address, 30 days
    /// after it was. Owner only.
    /// @param index Index of the release.
    /// @param to Who may claim it from now on.
    function assignClaim(uint64 index, address to) external;

    /// @notice The release that was put aside under `index`.
    function claimOf(uint64 index) external view returns (Claim memory);

    /// @notice Fees that were put aside for `submitter`.
    function feesOf(address submitter, bytes32 asset) external view returns (uint256);

    /// @notice What posting an order costs, in the native coin's smallest unit; 0 while none are taken.
    function postFee() external view returns (uint128);

    /// @notice Head of the outbox. Storage slot 0.
    function sentHead() external view returns (bytes32);

    /// @notice Messages in the outbox. Storage slot 1.
    function sentCount() external view returns (uint64);

    /// @notice Head of the chain of batches paid here. Storage slot 2.
    function releasedHead() external view returns (bytes32);

    /// @notice Releases paid, put aside or skipped here. Storage slot 3.
    function releasedCount() external view returns (uint64);

    /// @notice Messages of the outbox that the ledger has consumed, by the batches executed here. Storage slot 4.
    function consumedCount() external view returns (uint64);

    /// @notice Head of the outbox after message 256 × `k`, counted from 1; zero if there are fewer. Storage slot 5.
    /// @param k From 1.
    function headAt(uint64 k) external view returns (bytes32);

    /// @notice Whether message `index` was refunded, or its refund put aside. Storage slot 6, a bit each.
    /// @param index Position of the message in the outbox.
    function isSpent(uint64 index) external view returns (bool);
}
