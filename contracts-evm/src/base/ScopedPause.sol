// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {PermanentOwner} from "./PermanentOwner.sol";

/// @title Pauses by scope: a guard may stop, the owner alone may start again
abstract contract ScopedPause is PermanentOwner, IAssetBook {
    /// @notice Scope of all deposits.
    bytes32 public constant DEPOSITS_SCOPE = "deposits";
    /// @notice Scope of all releases and claims.
    bytes32 public constant RELEASES_SCOPE = "releases";

    /// @inheritdoc IAssetBook
    address public override pauser;
    /// @inheritdoc IAssetBook
    mapping(bytes32 scope => bool) public override isPaused;

    /// @inheritdoc IAssetBook
    function setPauser(address pauser_) external override onlyOwner {
        pauser = pauser_;
        emit PauserChanged(pauser_);
    }

    /// @inheritdoc IAssetBook
    function pause(bytes32 scope) external override {
        if (msg.sender != pauser && msg.sender != owner()) {
            revert GatewayCallerNotPauser(msg.sender);
        }
        isPaused[scope] = true;
        emit Paused(scope, msg.sender);
    }

    /// @inheritdoc IAssetBook
    function unpause(bytes32 scope) external override onlyOwner {
        isPaused[scope] = false;
        emit Unpaused(scope);
    }

    function _requireNotPaused(bytes32 scope) internal view {
        if (isPaused[scope]) revert GatewayPaused(scope);
    }
}
