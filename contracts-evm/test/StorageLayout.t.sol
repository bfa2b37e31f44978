// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor} from "../src/Anchor.sol";
import {Commit, Cursor} from "../src/libraries/CommitHash.sol";
import {GatewayTest} from "./support/GatewayTest.sol";

/// @dev KEEP IN SYNC: src/protocol/contracts.ts. Enclaves prove these slots.
contract StorageLayoutTest is GatewayTest {
    function test_gateway_keepsOutboxInSlots0And1() public {
        _deposit(nativeAsset, 1 ether);
        _deposit(nativeAsset, 2 ether);
        _same(vm.load(address(gateway), bytes32(uint256(0))), gateway.sentHead(), "sent head");
        // The whole word, so nothing may share it.
        _same(vm.load(address(gateway), bytes32(uint256(1))), bytes32(uint256(2)), "sent count");
    }

    function test_gateway_keepsReleasesInSlots2And3() public {
        _deposit(nativeAsset, 2 ether);
        _release(nativeAsset, BOB, 1 ether);
        _same(vm.load(address(gateway), bytes32(uint256(2))), gateway.releasedHead(), "released head");
        _same(vm.load(address(gateway), bytes32(uint256(3))), bytes32(uint256(1)), "released count");
    }

    function test_anchor_keepsPositionInSlots0And1() public {
        Anchor anchor = new Anchor(address(this), registry);
        anchor.initialize(keccak256("genesis"));
        Commit memory commit = Commit({
            epoch: EPOCH,
            number: 1,
            prevState: keccak256("genesis"),
            postState: keccak256("state 1"),
            inputs: new Cursor[](0),
            beneficiary: RELAYER
        });
        anchor.commit(commit, _signatures(_commitDigest(address(anchor), commit)));
        _same(vm.load(address(anchor), bytes32(uint256(0))), keccak256("state 1"), "state id");
        _same(vm.load(address(anchor), bytes32(uint256(1))), bytes32(uint256(1)), "number");
    }
}
