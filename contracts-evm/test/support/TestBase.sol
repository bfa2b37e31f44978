// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title Assertions that say what was expected
abstract contract TestBase {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Unequal(string what, bytes32 actual, bytes32 expected);

    function _same(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert Unequal(what, actual, expected);
    }

    function _same(uint256 actual, uint256 expected, string memory what) internal pure {
        _same(bytes32(actual), bytes32(expected), what);
    }

    function _same(address actual, address expected, string memory what) internal pure {
        _same(uint256(uint160(actual)), uint256(uint160(expected)), what);
    }

    function _same(bool actual, bool expected, string memory what) internal pure {
        _same(uint256(actual ? 1 : 0), uint256(expected ? 1 : 0), what);
    }

    function _atMost(uint256 actual, uint256 most, string memory what) internal pure {
        if (actual > most) revert Unequal(what, bytes32(actual), bytes32(most));
    }

    /// @dev Maps a fuzzed value into `least` … `most`, both included.
    function _within(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        unchecked {
            uint256 span = most - least + 1;
            return span == 0 ? value : least + (value % span);
        }
    }
}
