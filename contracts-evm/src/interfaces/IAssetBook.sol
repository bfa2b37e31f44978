// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a gateway holds: its assets, their limits and fees, and the pauses
/// @notice An asset id is `uint96 originChainId ‖ address originToken`, the zero address being the chain's native coin. On its
/// own chain an asset is locked here, elsewhere it is minted and burnt.
///
/// What is asked of a token that is locked here: `transfer` and `transferFrom` move exactly what they are told to or nothing,
/// from the account they are told to; `balanceOf` tells the truth and changes by nothing else that lowers it (no fees on
/// transfers, no negative rebase, no owner that burns the gateway's balance); both stay within the gas of a payout. What the
/// two return beside that does not matter: the gateway goes by what its balance says was moved.
interface IAssetBook {
    /// @notice How an asset is kept here.
    /// @param token On the asset's own chain the low 20 bytes of its id, else its BridgedToken.
    /// @param cap Most that may be locked, or minted, at a time; 0 takes nothing.
    /// @param windowLimit Most by which payouts may outrun deposits; see `NetOutflow`. 0 pays nothing.
    /// @param feeFlat Fee of every deposit, in the asset's smallest unit.
    /// @param leastCredit What a deposit brings at least beside its fee: what opening an account costs in the ledger and the
    /// balance that it keeps, so that whatever opens can be credited.
    struct AssetConfig {
        address token;
        uint128 cap;
        uint128 windowLimit;
        uint128 feeFlat;
        uint128 leastCredit;
    }

    /// @notice What is known of an asset.
    /// @param registered False if all the rest means nothing.
    /// @param config Its settings.
    /// @param outstanding What is locked here, or what is minted and not burnt.
    /// @param windowAvailable What the limit lets leave at this moment.
    struct AssetState {
        bool registered;
        AssetConfig config;
        uint256 outstanding;
        uint256 windowAvailable;
    }

    /// @notice Why a payout was put aside. `None` is never emitted.
    /// `RecipientImpossible`: the recipient is the gateway itself or the zero address, whom nobody can be.
    enum DeferReason {
        None,
        UnknownAsset,
        AssetPaused,
        SupplyExceeded,
        CapExceeded,
        WindowExceeded,
        PayoutFailed,
        RecipientImpossible
    }

    /// @notice The gateway takes and pays `asset` from now on.
    event AssetRegistered(bytes32 indexed asset, address indexed token);
    /// @notice The most that may be locked or minted has changed.
    event CapChanged(bytes32 indexed asset, uint128 cap);
    /// @notice The limit on net outflow has changed.
    event WindowLimitChanged(bytes32 indexed asset, uint128 windowLimit);
    /// @notice The fee has changed.
    event FeeChanged(bytes32 indexed asset, uint128 feeFlat);
    /// @notice What a deposit brings at least beside its fee has changed.
    event LeastCreditChanged(bytes32 indexed asset, uint128 leastCredit);
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
    /// @notice The token does not say how much the gateway holds of it, or how much of it there is.
    error GatewayTokenUnreadable(address token);
    /// @notice A BridgedToken exists in an amount that this gateway has not minted.
    error GatewayTokenHasSupply(address token, uint256 supply);
    /// @notice Neither the owner nor the pauser.
    error GatewayCallerNotPauser(address caller);
    /// @notice The scope is paused.
    error GatewayPaused(bytes32 scope);
    /// @notice The coin sent is not the amount, or coin came along with a token.
    error GatewayWrongValue(uint256 value, uint256 expected);
    /// @notice What was locked or burnt is not the amount: the token takes a fee, or lies.
    error GatewayTransferInexact(uint256 moved, uint256 amount);
    /// @notice More than the cap would be locked.
    error GatewayCapExceeded(uint256 outstanding, uint256 cap);
    /// @notice Only the gateway calls this, on itself.
    error GatewayCallerNotGateway(address caller);

    /// @notice Registers an asset. Owner only. Of a token it is checked that there is code, that it tells the gateway's balance
    /// (or, for a BridgedToken, that it is this gateway's and the asset's and that none of it exists yet); the rest of what
    /// is asked of it is the owner's to check.
    /// @param asset Asset id.
    /// @param config Its settings.
    function registerAsset(bytes32 asset, AssetConfig calldata config) external;

    /// @notice Changes the most that may be locked or minted. Owner only.
    /// @param asset Asset id.
    /// @param cap In the asset's smallest unit.
    function setCap(bytes32 asset, uint128 cap) external;

    /// @notice Changes the limit on net outflow. What is used beyond a lower limit counts as all of it used. Owner only.
    /// @param asset Asset id.
    /// @param windowLimit In the asset's smallest unit.
    function setWindowLimit(bytes32 asset, uint128 windowLimit) external;

    /// @notice Changes the fee of a deposit. Owner only.
    /// @param asset Asset id.
    /// @param feeFlat In the asset's smallest unit.
    function setFee(bytes32 asset, uint128 feeFlat) external;

    /// @notice Changes what a deposit brings at least beside its fee. Owner only.
    /// @param asset Asset id.
    /// @param leastCredit In the asset's smallest unit.
    function setLeastCredit(bytes32 asset, uint128 leastCredit) external;

    /// @notice Names who may pause besides the owner; zero for nobody. Owner only.
    function setPauser(address pauser) external;

    /// @notice Stops `scope`: `DEPOSITS_SCOPE`, `RELEASES_SCOPE` (claims too) or an asset id. Owner or pauser.
    function pause(bytes32 scope) external;

    /// @notice Lets `scope` run again. Owner only.
    function unpause(bytes32 scope) external;

    /// @notice Unlocks or mints tokens and says what moved; undoes itself if that cannot be told. The gateway calls it on
    /// itself, so that a token works in a frame of its own, with the gas of one payout.
    /// @param asset An asset that is kept in a token.
    /// @param to Who is paid.
    /// @param amount In the asset's smallest unit.
    /// @return moved By how much the gateway's balance has fallen, or the supply has grown.
    function moveToken(bytes32 asset, address to, uint256 amount) external returns (uint256 moved);

    /// @notice The fee that a deposit pays now, in the asset's smallest unit.
    /// @param asset Asset id.
    function quoteFee(bytes32 asset) external view returns (uint256);

    /// @notice The least amount of a deposit: the fee and the least credit, or the fee and the smallest unit.
    /// @param asset Asset id.
    function leastDeposit(bytes32 asset) external view returns (uint256);

    /// @notice Settings and balance of an asset.
    /// @param asset Asset id.
    function assetOf(bytes32 asset) external view returns (AssetState memory);

    /// @notice Whether `scope` is paused.
    function isPaused(bytes32 scope) external view returns (bool);

    /// @notice Who may pause besides the owner.
    function pauser() external view returns (address);
}
