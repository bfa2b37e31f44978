// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BridgedToken} from "../src/BridgedToken.sol";
import {IBridgedToken} from "../src/interfaces/IBridgedToken.sol";
import {TestBase} from "./support/TestBase.sol";

contract BridgedTokenTest is TestBase {
    address private constant STRANGER = address(0x57A6E);

    BridgedToken private _token;

    function setUp() public {
        _token = new BridgedToken("Dot", "vDOT", 10, address(this), bytes32(uint256(7)));
    }

    function test_constructor_keepsWhatItIsGiven() public view {
        _same(_token.gateway(), address(this), "gateway");
        _same(_token.asset(), bytes32(uint256(7)), "asset");
        _same(_token.decimals(), 10, "decimals");
    }

    function test_mint_createsWhenCallerIsGateway() public {
        _token.mint(STRANGER, 5);
        _same(_token.balanceOf(STRANGER), 5, "balance");
        _same(_token.totalSupply(), 5, "supply");
    }

    function test_burn_destroysWhenCallerIsGateway() public {
        _token.mint(STRANGER, 5);
        _token.burn(STRANGER, 2);
        _same(_token.balanceOf(STRANGER), 3, "balance");
        _same(_token.totalSupply(), 3, "supply");
    }

    function test_mint_revertsWhenCallerIsNotGateway() public {
        vm.expectRevert(abi.encodeWithSelector(IBridgedToken.TokenCallerNotGateway.selector, STRANGER));
        vm.prank(STRANGER);
        _token.mint(STRANGER, 1);
    }

    function test_burn_revertsWhenCallerIsNotGateway() public {
        vm.expectRevert(abi.encodeWithSelector(IBridgedToken.TokenCallerNotGateway.selector, STRANGER));
        vm.prank(STRANGER);
        _token.burn(STRANGER, 1);
    }
}
