// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {IBridgedToken} from "../interfaces/IBridgedToken.sol";
import {NetOutflow, Outflow} from "../libraries/NetOutflow.sol";
import {ScopedPause} from "./ScopedPause.sol";

/// @title The gateway's assets: settings, what is outstanding of each, and how each is taken and paid
abstract contract AssetBook is ScopedPause {
    using NetOutflow for Outflow;
    using SafeERC20 for IERC20;

    struct Asset {
        address token;
        bool registered;
        uint128 cap;
        uint128 feeFlat;
        uint128 leastCredit;
        uint256 outstanding;
        Outflow outflow;
    }

    /// @notice Time in which a used limit frees itself, in seconds.
    uint64 public constant WINDOW_SEC = NetOutflow.WINDOW_SEC;

    mapping(bytes32 asset => Asset) private _assets;

    /// @inheritdoc IAssetBook
    function registerAsset(bytes32 asset, AssetConfig calldata config) external override onlyOwner {
        Asset storage entry = _assets[asset];
        if (entry.registered) revert GatewayAssetRegistered(asset);
        _requireToken(asset, config.token);
        entry.registered = true;
        entry.token = config.token;
        emit AssetRegistered(asset, config.token);
        _setCap(asset, config.cap);
        _setWindowLimit(asset, config.windowLimit);
        _setFee(asset, config.feeFlat);
        _setLeastCredit(asset, config.leastCredit);
    }

    /// @inheritdoc IAssetBook
    function setCap(bytes32 asset, uint128 cap) external override onlyOwner {
        _requireRegistered(asset);
        _setCap(asset, cap);
    }

    /// @inheritdoc IAssetBook
    function setWindowLimit(bytes32 asset, uint128 windowLimit) external override onlyOwner {
        _requireRegistered(asset);
        _setWindowLimit(asset, windowLimit);
    }

    /// @inheritdoc IAssetBook
    function setFee(bytes32 asset, uint128 feeFlat) external override onlyOwner {
        _requireRegistered(asset);
        _setFee(asset, feeFlat);
    }

    /// @inheritdoc IAssetBook
    function setLeastCredit(bytes32 asset, uint128 leastCredit) external override onlyOwner {
        _requireRegistered(asset);
        _setLeastCredit(asset, leastCredit);
    }

    /// @inheritdoc IAssetBook
    function moveToken(bytes32 asset, address to, uint256 amount) external override returns (uint256 moved) {
        if (msg.sender != address(this)) revert GatewayCallerNotGateway(msg.sender);
        address token = _assets[asset].token;
        if (_isLockedHere(asset)) {
            uint256 before = _heldOf(token);
            // What it says does not matter: the books go by what it did.
            IERC20(token).trySafeTransfer(to, amount);
            return Math.saturatingSub(before, _heldOf(token));
        }
        uint256 supply = IERC20(token).totalSupply();
        IBridgedToken(token).mint(to, amount);
        return Math.saturatingSub(IERC20(token).totalSupply(), supply);
    }

    /// @inheritdoc IAssetBook
    function assetOf(bytes32 asset) external view override returns (AssetState memory) {
        Asset storage entry = _assets[asset];
        return AssetState({
            registered: entry.registered,
            config: AssetConfig({
                token: entry.token,
                cap: entry.cap,
                windowLimit: entry.outflow.limit,
                feeFlat: entry.feeFlat,
                leastCredit: entry.leastCredit
            }),
            outstanding: entry.outstanding,
            windowAvailable: entry.outflow.available()
        });
    }

    /// @inheritdoc IAssetBook
    function quoteFee(bytes32 asset) public view override returns (uint256) {
        _requireRegistered(asset);
        return _assets[asset].feeFlat;
    }

    /// @inheritdoc IAssetBook
    function leastDeposit(bytes32 asset) public view override returns (uint256) {
        return quoteFee(asset) + Math.max(_assets[asset].leastCredit, 1);
    }

    /// @dev Takes `amount` of a registered asset from the caller.
    function _take(bytes32 asset, uint256 amount) internal {
        Asset storage entry = _assets[asset];
        address token = entry.token;
        uint256 expectedValue = token == address(0) ? amount : 0;
        if (msg.value != expectedValue) revert GatewayWrongValue(msg.value, expectedValue);
        if (_isLockedHere(asset)) {
            uint256 outstanding = entry.outstanding + amount;
            if (outstanding > entry.cap) revert GatewayCapExceeded(outstanding, entry.cap);
            entry.outstanding = outstanding;
            if (token != address(0)) _lock(token, amount);
        } else {
            // First, because the token says best what its holder lacks.
            _burn(token, amount);
            entry.outstanding -= amount;
        }
        entry.outflow.addInflow(amount);
    }

    /// @dev Pays up to `amount` of `asset`.
    /// @param gasLimit What the recipient of the native coin, or the token, may use.
    /// @return moved What was paid; less than `amount` if `reason` says why, more only if a token moved more than it was told.
    /// @return reason What stands against the rest.
    function _pay(bytes32 asset, address to, uint256 amount, uint256 gasLimit)
        internal
        returns (uint256 moved, DeferReason reason)
    {
        // Nothing is owed, so nobody is called.
        if (amount == 0) return (0, DeferReason.None);
        if (_isNobody(to)) return (0, DeferReason.RecipientImpossible);
        (uint256 room, DeferReason binding) = _roomOf(asset);
        if (amount > room) return (0, binding);
        moved = _transferOut(asset, to, amount, gasLimit);
        // SECURITY: booked after the transfer, so that a failed one leaves no trace; every function that changes
        // the books is `nonReentrant`.
        if (moved != 0) _bookPayout(asset, moved);
        reason = moved < amount ? DeferReason.PayoutFailed : DeferReason.None;
    }

    /// @dev The most that may be paid of `asset` at this moment, and what keeps it from being more.
    function _roomOf(bytes32 asset) internal view returns (uint256 room, DeferReason binding) {
        Asset storage entry = _assets[asset];
        if (!entry.registered) return (0, DeferReason.UnknownAsset);
        if (isPaused[asset]) return (0, DeferReason.AssetPaused);
        uint256 outstanding = entry.outstanding;
        (room, binding) = _isLockedHere(asset)
            ? (outstanding, DeferReason.SupplyExceeded)
            : (Math.saturatingSub(entry.cap, outstanding), DeferReason.CapExceeded);
        uint256 available = entry.outflow.available();
        if (available < room) return (available, DeferReason.WindowExceeded);
    }

    /// @dev Whether no one can ever ask for what is owed to `to`.
    function _isNobody(address to) internal view returns (bool) {
        return to == address(0) || to == address(this);
    }

    /// @dev The asset id of this chain's native coin.
    function _nativeAsset() internal view returns (bytes32) {
        return bytes32(block.chainid << 160);
    }

    function _isNative(bytes32 asset) internal view returns (bool) {
        return asset == _nativeAsset();
    }

    function _requireRegistered(bytes32 asset) internal view {
        if (!_assets[asset].registered) revert GatewayAssetUnknown(asset);
    }

    function _transferOut(bytes32 asset, address to, uint256 amount, uint256 gasLimit)
        private
        returns (uint256 moved)
    {
        if (!_isNative(asset)) {
            try this.moveToken{gas: gasLimit}(asset, to, amount) returns (uint256 moved_) {
                return moved_;
            } catch {
                return 0;
            }
        }
        bool paid;
        // SECURITY: Solidity's own call copies what the recipient returns, at our cost; a recipient that returns enough
        // could hold up the batch (testFuzz_release_defersWhenRecipientReturnsTooMuch).
        assembly ("memory-safe") {
            paid := call(gasLimit, to, amount, 0, 0, 0, 0)
        }
        return paid ? amount : 0;
    }

    /// @dev Saturates, because a hostile token may say that anything has moved.
    function _bookPayout(bytes32 asset, uint256 moved) private {
        Asset storage entry = _assets[asset];
        entry.outflow.addOutflow(moved);
        entry.outstanding = _isLockedHere(asset)
            ? Math.saturatingSub(entry.outstanding, moved)
            : Math.saturatingAdd(entry.outstanding, moved);
    }

    function _setCap(bytes32 asset, uint128 cap) private {
        _assets[asset].cap = cap;
        emit CapChanged(asset, cap);
    }

    function _setWindowLimit(bytes32 asset, uint128 windowLimit) private {
        _assets[asset].outflow.setLimit(windowLimit);
        emit WindowLimitChanged(asset, windowLimit);
    }

    function _setFee(bytes32 asset, uint128 feeFlat) private {
        _assets[asset].feeFlat = feeFlat;
        emit FeeChanged(asset, feeFlat);
    }

    function _setLeastCredit(bytes32 asset, uint128 leastCredit) private {
        _assets[asset].leastCredit = leastCredit;
        emit LeastCreditChanged(asset, leastCredit);
    }

    function _lock(address token, uint256 amount) private {
        uint256 before = _heldOf(token);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 moved = Math.saturatingSub(_heldOf(token), before);
        if (moved != amount) revert GatewayTransferInexact(moved, amount);
    }

    function _burn(address token, uint256 amount) private {
        uint256 before = IERC20(token).totalSupply();
        IBridgedToken(token).burn(msg.sender, amount);
        uint256 moved = Math.saturatingSub(before, IERC20(token).totalSupply());
        if (moved != amount) revert GatewayTransferInexact(moved, amount);
    }

    function _requireToken(bytes32 asset, address token) private view {
        if (_isNative(asset)) {
            if (token != address(0)) revert GatewayTokenMismatch(asset, token);
            return;
        }
        if (_isLockedHere(asset)) {
            if (token != address(uint160(uint256(asset)))) revert GatewayTokenMismatch(asset, token);
            if (token.code.length == 0) revert GatewayTokenWithoutCode(token);
            _read(token, abi.encodeCall(IERC20.balanceOf, (address(this))));
            return;
        }
        if (token.code.length == 0) revert GatewayTokenWithoutCode(token);
        bool ours = IBridgedToken(token).gateway() == address(this);
        if (!ours || IBridgedToken(token).asset() != asset) revert GatewayTokenMismatch(asset, token);
        uint256 supply = _read(token, abi.encodeCall(IERC20.totalSupply, ()));
        if (supply != 0) revert GatewayTokenHasSupply(token, supply);
    }

    /// @dev One word that a token answers with.
    function _read(address token, bytes memory question) private view returns (uint256) {
        (bool ok, bytes memory answer) = token.staticcall(question);
        if (!ok || answer.length != 32) revert GatewayTokenUnreadable(token);
        return abi.decode(answer, (uint256));
    }

    function _heldOf(address token) private view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function _isLockedHere(bytes32 asset) private view returns (bool) {
        return uint256(asset) >> 160 == block.chainid;
    }
}
