// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";

import {IBridgedToken} from "../interfaces/IBridgedToken.sol";
import {IGateway} from "../interfaces/IGateway.sol";
import {ScopedPause} from "./ScopedPause.sol";

/// @title The gateway's assets: settings, what is outstanding of each, and how each is taken and paid
abstract contract AssetBook is ScopedPause {
    using RateLimiter for RateLimiter.RefillingBucket;
    using SafeERC20 for IERC20;

    struct Asset {
        address token;
        uint16 feeBps;
        bool registered;
        uint128 cap;
        uint128 feeFlat;
        uint256 outstanding;
        RateLimiter.RefillingBucket window;
    }

    /// @notice Time in which an empty release window refills, in seconds.
    uint48 public constant WINDOW_SEC = 1 hours;
    /// @notice Highest fee rate an asset may have, in hundredths of a percent.
    uint16 public constant MAX_FEE_BPS = 1000;

    uint256 private constant BPS = 10_000;
    /// @dev Each asset has a limiter of its own, with one entry.
    bytes32 private constant WINDOW_KEY = 0;

    mapping(bytes32 asset => Asset) private _assets;

    /// @inheritdoc IGateway
    function registerAsset(bytes32 asset, AssetConfig calldata config) external override onlyOwner {
        Asset storage entry = _assets[asset];
        if (entry.registered) revert GatewayAssetRegistered(asset);
        _requireToken(asset, config.token);
        entry.registered = true;
        entry.token = config.token;
        emit AssetRegistered(asset, config.token);
        _setCap(asset, config.cap);
        _setWindowLimit(asset, config.windowLimit);
        _setFees(asset, config.feeFlat, config.feeBps);
    }

    /// @inheritdoc IGateway
    function setCap(bytes32 asset, uint128 cap) external override onlyOwner {
        _requireRegistered(asset);
        _setCap(asset, cap);
    }

    /// @inheritdoc IGateway
    function setWindowLimit(bytes32 asset, uint128 windowLimit) external override onlyOwner {
        _requireRegistered(asset);
        _setWindowLimit(asset, windowLimit);
    }

    /// @inheritdoc IGateway
    function setFees(bytes32 asset, uint128 feeFlat, uint16 feeBps) external override onlyOwner {
        _requireRegistered(asset);
        _setFees(asset, feeFlat, feeBps);
    }

    /// @inheritdoc IGateway
    function assetOf(bytes32 asset) external view override returns (AssetState memory) {
        Asset storage entry = _assets[asset];
        return AssetState({
            registered: entry.registered,
            config: AssetConfig({
                token: entry.token,
                cap: entry.cap,
                windowLimit: uint128(entry.window._capacity),
                feeFlat: entry.feeFlat,
                feeBps: entry.feeBps
            }),
            outstanding: entry.outstanding,
            windowAvailable: entry.window.available(WINDOW_KEY)
        });
    }

    /// @inheritdoc IGateway
    function quoteFee(bytes32 asset, uint256 amount) public view override returns (uint256) {
        _requireRegistered(asset);
        Asset storage entry = _assets[asset];
        return entry.feeFlat + (amount * entry.feeBps) / BPS;
    }

    /// @dev Takes `amount`, at most 128 bits, of a registered asset from the caller.
    function _take(bytes32 asset, uint256 amount) internal {
        Asset storage entry = _assets[asset];
        address token = entry.token;
        uint256 expectedValue = token == address(0) ? amount : 0;
        if (msg.value != expectedValue) revert GatewayWrongValue(msg.value, expectedValue);
        if (!_isLockedHere(asset)) {
            // First, because the token says best what its holder lacks.
            IBridgedToken(token).burn(msg.sender, amount);
            entry.outstanding -= amount;
            return;
        }
        uint256 outstanding = entry.outstanding + amount;
        if (outstanding > entry.cap) revert GatewayCapExceeded(outstanding, entry.cap);
        entry.outstanding = outstanding;
        if (token != address(0)) _lock(token, amount);
    }

    /// @dev Pays `amount` of `asset`, or says why not and changes nothing.
    /// @param recipientGas What a recipient of the native coin may use.
    function _pay(bytes32 asset, address to, uint256 amount, uint256 recipientGas)
        internal
        returns (DeferReason)
    {
        DeferReason reason = _deferReason(asset, amount);
        if (reason != DeferReason.None) return reason;
        if (!_transferOut(asset, to, amount, recipientGas)) return DeferReason.PayoutFailed;
        // SECURITY: booked after the transfer, so that a failed one leaves no trace; every function that changes
        // the books is `nonReentrant`.
        Asset storage entry = _assets[asset];
        entry.window.consume(WINDOW_KEY, amount);
        if (_isLockedHere(asset)) entry.outstanding -= amount;
        else entry.outstanding += amount;
        return DeferReason.None;
    }

    function _isNative(bytes32 asset) internal view returns (bool) {
        return asset == bytes32(block.chainid << 160);
    }

    function _requireRegistered(bytes32 asset) internal view {
        if (!_assets[asset].registered) revert GatewayAssetUnknown(asset);
    }

    function _transferOut(bytes32 asset, address to, uint256 amount, uint256 recipientGas)
        private
        returns (bool paid)
    {
        if (to == address(0) || to == address(this)) return false;
        address token = _assets[asset].token;
        if (!_isLockedHere(asset)) {
            try IBridgedToken(token).mint(to, amount) {
                return true;
            } catch {
                return false;
            }
        }
        if (token != address(0)) return IERC20(token).trySafeTransfer(to, amount);
        // SECURITY: Solidity's own call copies what the recipient returns, at our cost; a recipient that returns enough
        // could hold up the batch (testFuzz_release_defersWhenRecipientReturnsTooMuch).
        assembly ("memory-safe") {
            paid := call(recipientGas, to, amount, 0, 0, 0, 0)
        }
    }

    /// @dev What stands against a payout before it is tried.
    function _deferReason(bytes32 asset, uint256 amount) private view returns (DeferReason) {
        Asset storage entry = _assets[asset];
        if (!entry.registered) return DeferReason.UnknownAsset;
        if (isPaused[asset]) return DeferReason.AssetPaused;
        uint256 outstanding = entry.outstanding;
        if (_isLockedHere(asset)) {
            if (amount > outstanding) return DeferReason.SupplyExceeded;
        } else if (outstanding > entry.cap || amount > entry.cap - outstanding) {
            return DeferReason.CapExceeded;
        }
        if (amount > entry.window.available(WINDOW_KEY)) return DeferReason.WindowExceeded;
        return DeferReason.None;
    }

    function _setCap(bytes32 asset, uint128 cap) private {
        _assets[asset].cap = cap;
        emit CapChanged(asset, cap);
    }

    function _setWindowLimit(bytes32 asset, uint128 windowLimit) private {
        // What is used so far refilled at the old rate: settle it before the rate changes.
        _assets[asset].window.sync(WINDOW_KEY);
        _assets[asset].window.updateSettings(WINDOW_SEC, windowLimit);
        emit WindowLimitChanged(asset, windowLimit);
    }

    function _setFees(bytes32 asset, uint128 feeFlat, uint16 feeBps) private {
        if (feeBps > MAX_FEE_BPS) revert GatewayFeeBpsTooHigh(feeBps);
        _assets[asset].feeFlat = feeFlat;
        _assets[asset].feeBps = feeBps;
        emit FeesChanged(asset, feeFlat, feeBps);
    }

    function _lock(address token, uint256 amount) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 moved = IERC20(token).balanceOf(address(this)) - before;
        if (moved != amount) revert GatewayTransferInexact(moved, amount);
    }

    function _requireToken(bytes32 asset, address token) private view {
        if (_isLockedHere(asset)) {
            if (token != address(uint160(uint256(asset)))) {
                revert GatewayTokenMismatch(asset, token);
            }
            if (token != address(0) && token.code.length == 0) {
                revert GatewayTokenWithoutCode(token);
            }
            return;
        }
        if (token.code.length == 0) revert GatewayTokenWithoutCode(token);
        bool ours = IBridgedToken(token).gateway() == address(this);
        if (!ours || IBridgedToken(token).asset() != asset) {
            revert GatewayTokenMismatch(asset, token);
        }
    }

    function _isLockedHere(bytes32 asset) private view returns (bool) {
        return uint256(asset) >> 160 == block.chainid;
    }
}
