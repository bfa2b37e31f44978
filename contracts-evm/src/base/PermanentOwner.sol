// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title An owner that can hand over, in two steps, but not leave
/// @dev Without an owner nobody could let a paused bridge run again, nor admit the next enclave.
abstract contract PermanentOwner is Ownable2Step {
    /// @notice Ownership may be handed over, not given up.
    error OwnerPermanent();

    /// @notice Always reverts.
    function renounceOwnership() public pure override {
        revert OwnerPermanent();
    }
}
