// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReleaseBatch} from "../libraries/ReleaseHash.sol";

/// @title A chain's door: takes deposits into its outbox, pays what the enclaves release
/// @notice An asset id is `uint96 originChainId ‖ address originToken`, the zero address being the
/// chain's native coin. On its own chain an asset is locked here, elsewhere it is minted and burnt.
interface IGateway {
    /// @notice How an asset is kept here.
    /// @param token On the asset's own chain the low 20 bytes of its id, else its BridgedToken.
    /// @param cap Most that may be locked, or minted, at a time; 0 takes nothing.
    /// @param windowLimit Most that is released at once; it refills evenly over the window. 0 releases nothing.
    /// @param feeFlat Fee of every deposit, in the asset's smallest unit.
    /// @param feeBps Fee on top, in hundredths of a percent of the amount.
    struct AssetConfig {
        address token;
        uint128 cap;
        uint128 windowLimit;
        uint128 feeFlat;
        uint16 feeBps;
    }

    /// @notice What is known of an asset.
    /// @param registered False if all the rest means nothing.
    /// @param config Its settings.
    /// @param outstanding What is locked here, or what is minted and not burnt.
    /// @param windowAvailable What may be released at this moment.
    struct AssetState {
        bool registered;
        AssetConfig config;
        uint256 outstanding;
        uint256 windowAvailable;
    }

    /// @notice A release that was put aside. All zero if there is none.
    struct Claim {
        bytes32 tag;
        bytes32 asset;
        address recipient;
        uint256 amount;
    }

    /// @notice Why a payout was put aside. `None` is never emitted.
    enum DeferReason {
        None,
        UnknownAsset,
        AssetPaused,
        SupplyExceeded,
        CapExceeded,
        WindowExceeded,
        PayoutFailed
    }

    /// @notice The outbox has message `index`; `sentHead` is its head with it.
    event Deposited(
        uint64 indexed index,
        address indexed sender,
        bytes32 indexed asset,
        uint256 amount,
        uint256 fee,
        uint256 destination,
        bytes envelope,
        bytes32 sentHead
    );
    /// @notice Release `index` was paid.
    event Released(
        uint64 indexed index, bytes32 indexed tag, bytes32 indexed asset, address recipient, uint256 amount
    );
    /// @notice Release `index` was put aside, to be claimed.
    event ReleaseDeferred(
        uint64 indexed index,
        bytes32 indexed tag,
        bytes32 indexed asset,
        address recipient,
        uint256 amount,
        DeferReason reason
    );
    /// @notice The batch's submitter was paid a fee.
    event FeePaid(bytes32 indexed asset, address indexed submitter, uint256 amount);
    /// @notice A fee was put aside for the batch's submitter.
    event FeeDeferred(bytes32 indexed asset, address indexed submitter, uint256 amount, DeferReason reason);
    /// @notice All releases of a batch were paid or put aside.
    event BatchReleased(uint64 indexed firstIndex, uint64 count, bytes32 releasedHead, address submitter);
    /// @notice A release that had been put aside was paid to `to`.
    event Claimed(uint64 indexed index, bytes32 indexed tag, address to);
    /// @notice Fees that had been put aside were paid to `to`.
    event FeesClaimed(bytes32 indexed asset, address indexed submitter, uint256 amount, address to);
    /// @notice The gateway takes and pays `asset` from now on.
    event AssetRegistered(bytes32 indexed asset, address indexed token);
    /// @notice The most that may be locked or minted has changed.
    event CapChanged(bytes32 indexed asset, uint128 cap);
    /// @notice The rate limit on releases has changed.
    event WindowLimitChanged(bytes32 indexed asset, uint128 windowLimit);
    /// @notice The fee schedule has changed.
    event FeesChanged(bytes32 indexed asset, uint128 feeFlat, uint16 feeBps);
    /// @notice Someone else may pause.
    event PauserChanged(address indexed pauser);
    /// @notice `scope` stands still.
    event Paused(bytes32 indexed scope, address indexed by);
    /// @notice `scope` runs again.
    event Unpaused(bytes32 indexed scope);

    /// @notice The asset was registered before.
    error GatewayAssetRegistered(bytes32 asset);
    /// @notice The asset is not registered.
    error GatewayAssetUnknown(bytes32 asset);
    /// @notice The token is not the one that the asset id names, or no BridgedToken of this gateway for it.
    error GatewayTokenMismatch(bytes32 asset, address token);
    /// @notice No contract lives at the token's address.
    error GatewayTokenWithoutCode(address token);
    /// @notice The fee rate is above `MAX_FEE_BPS`.
    error GatewayFeeBpsTooHigh(uint16 feeBps);
    /// @notice Neither the owner nor the pauser.
    error GatewayCallerNotPauser(address caller);
    /// @notice The scope is paused.
    error GatewayPaused(bytes32 scope);
    /// @notice The envelope is empty or longer than `MAX_ENVELOPE_BYTES`.
    error GatewayEnvelopeLength(uint256 length);
    /// @notice The amount does not fit 128 bits.
    error GatewayAmountTooLarge(uint256 amount);
    /// @notice The fee is more than the sender agreed to.
    error GatewayFeeAboveMax(uint256 fee, uint256 maxFee);
    /// @notice The fee would leave nothing to carry.
    error GatewayFeeNotBelowAmount(uint256 fee, uint256 amount);
    /// @notice The destination is zero or this chain.
    error GatewayWrongDestination(uint256 destination);
    /// @notice The coin sent is not the amount, or coin came along with a token.
    error GatewayWrongValue(uint256 value, uint256 expected);
    /// @notice The gateway's balance did not change by the amount: the token takes a fee, or lies.
    error GatewayTransferInexact(uint256 moved, uint256 amount);
    /// @notice More than the cap would be locked.
    error GatewayCapExceeded(uint256 outstanding, uint256 cap);
    /// @notice The batch is for another chain.
    error GatewayWrongChain(uint256 chainId, uint256 expected);
    /// @notice The batch is for another gateway.
    error GatewayWrongGateway(address gateway);
    /// @notice The batch is not the next one.
    error GatewayWrongIndex(uint64 firstIndex, uint64 expected);
    /// @notice The batch follows other releases than those paid here.
    error GatewayWrongHead(bytes32 prevHead, bytes32 expected);
    /// @notice More releases or fees than `MAX_BATCH_RELEASES`.
    error GatewayBatchTooLarge(uint256 releases, uint256 fees);
    /// @notice Too little gas to give a payout its share: submit again with more.
    error GatewayGasTooLow(uint256 gas, uint256 needed);
    /// @notice Nothing was put aside under that index, or it is paid.
    error GatewayClaimUnknown(uint64 index);
    /// @notice Only its recipient may send a claim elsewhere.
    error GatewayCallerNotRecipient(address caller, address recipient);
    /// @notice No fees were put aside for the caller.
    error GatewayNoFees(address submitter, bytes32 asset);
    /// @notice The payout still cannot be made.
    error GatewayClaimFailed(DeferReason reason);

    /// @notice Takes `amount` of `asset` and appends one message to the outbox.
    /// @param asset A registered asset.
    /// @param amount What is taken, fee included; for the native coin exactly the value sent.
    /// @param maxFee The most that the fee may be; see `quoteFee`.
    /// @param destination Chain id of the gateway that is to pay.
    /// @param envelope 1 to 512 bytes, sealed or transparent, for the enclaves.
    /// @return index Position of the message in the outbox.
    function deposit(
        bytes32 asset,
        uint256 amount,
        uint256 maxFee,
        uint256 destination,
        bytes calldata envelope
    ) external payable returns (uint64 index);

    /// @notice Pays the next batch in order. Anyone may submit it and gets its fees.
    /// @dev A payout that cannot be made is put aside and holds nothing up.
    /// @param batch Must continue at this gateway's released count and head.
    /// @param signatures A quorum over its EIP-712 digest, by ascending signer address.
    function release(ReleaseBatch calldata batch, bytes[] calldata signatures) external;

    /// @notice Pays a release that was put aside to its recipient. Anyone may ask.
    /// @param index Index of the release.
    function claim(uint64 index) external;

    /// @notice Pays a release that was put aside to another account. Its recipient only.
    /// @param index Index of the release.
    /// @param to Who is paid instead.
    function claimTo(uint64 index, address to) external;

    /// @notice Pays the fees that were put aside for the caller.
    /// @param asset Asset of the fees.
    /// @param to Who is paid.
    function claimFees(bytes32 asset, address to) external;

    /// @notice Registers an asset. Owner only.
    /// @param asset Asset id.
    /// @param config Its settings.
    function registerAsset(bytes32 asset, AssetConfig calldata config) external;

    /// @notice Changes the most that may be locked or minted. Owner only.
    function setCap(bytes32 asset, uint128 cap) external;

    /// @notice Changes the rate limit on releases. Owner only.
    function setWindowLimit(bytes32 asset, uint128 windowLimit) external;

    /// @notice Changes the fee schedule. Owner only.
    function setFees(bytes32 asset, uint128 feeFlat, uint16 feeBps) external;

    /// @notice Names who may pause besides the owner; zero for nobody. Owner only.
    function setPauser(address pauser) external;

    /// @notice Stops `scope`: `DEPOSITS_SCOPE`, `RELEASES_SCOPE` (claims too) or an asset id. Owner or pauser.
    function pause(bytes32 scope) external;

    /// @notice Lets `scope` run again. Owner only.
    function unpause(bytes32 scope) external;

    /// @notice The fee that a deposit of `amount` pays now.
    function quoteFee(bytes32 asset, uint256 amount) external view returns (uint256);

    /// @notice Settings and balance of an asset.
    function assetOf(bytes32 asset) external view returns (AssetState memory);

    /// @notice The release that was put aside under `index`.
    function claimOf(uint64 index) external view returns (Claim memory);

    /// @notice Fees that were put aside for `submitter`.
    function feesOf(address submitter, bytes32 asset) external view returns (uint256);

    /// @notice Whether `scope` is paused.
    function isPaused(bytes32 scope) external view returns (bool);

    /// @notice Who may pause besides the owner.
    function pauser() external view returns (address);

    /// @notice Head of the outbox. Storage slot 0.
    function sentHead() external view returns (bytes32);

    /// @notice Messages in the outbox. Storage slot 1.
    function sentCount() external view returns (uint64);

    /// @notice Head of the chain of batches paid here. Storage slot 2.
    function releasedHead() external view returns (bytes32);

    /// @notice Releases paid or put aside here. Storage slot 3.
    function releasedCount() external view returns (uint64);
}
