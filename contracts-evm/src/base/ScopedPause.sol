// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IGateway} from "../interfaces/IGateway.sol";

/// @title Pauses by scope: a guard may stop, the owner alone may start again
abstract contract ScopedPause is Ownable2Step, IGateway {
    /// @notice Scope of all deposits.
    bytes32 public constant DEPOSITS_SCOPE = "deposits";
    /// @notice Scope of all releases and claims.
    bytes32 public constant RELEASES_SCOPE = "releases";

    /// @inheritdoc IGateway
    address public override pauser;
    /// @inheritdoc IGateway
    mapping(bytes32 scope => bool) public override isPaused;

    /// @inheritdoc IGateway
    function setPauser(address pauser_) external override onlyOwner {
        pauser = pauser_;
        emit PauserChanged(pauser_);
    }

    /// @inheritdoc IGateway
    function pause(bytes32 scope) external override {
        if (msg.sender != pauser && msg.sender != owner()) {
            revert GatewayCallerNotPauser(msg.sender);
        }
        isPaused[scope] = true;
        emit Paused(scope, msg.sender);
    }

    /// @inheritdoc IGateway
    function unpause(bytes32 scope) external override onlyOwner {
        isPaused[scope] = false;
        emit Unpaused(scope);
    }

    function _requireNotPaused(bytes32 scope) internal view {
        if (isPaused[scope]) revert GatewayPaused(scope);
    }
}
