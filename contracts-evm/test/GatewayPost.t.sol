// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Gateway} from "../src/Gateway.sol";
import {IAssetBook} from "../src/interfaces/IAssetBook.sol";
import {IGateway} from "../src/interfaces/IGateway.sol";
import {GatewayTest} from "./support/GatewayTest.sol";

contract GatewayPostTest is GatewayTest {
    function test_post_appendsMessageThatIsAllFeeWhenPaid() public {
        bytes[] memory envelopes = _envelopes(1);
        bytes32 head = _headAfter(bytes32(0), 0, envelopes[0]);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Deposited(
            0, ALICE, nativeAsset, POST_FEE, POST_FEE, 0, uint64(block.timestamp), ALICE, envelopes[0], head
        );
        vm.prank(ALICE);
        _same(gateway.post{value: POST_FEE}(envelopes), 0, "first index");
        _same(gateway.sentHead(), head, "sent head");
        _same(gateway.sentCount(), 1, "sent count");
        _same(address(gateway).balance, POST_FEE, "balance");
        _same(_outstanding(nativeAsset), POST_FEE, "outstanding");
    }

    function test_post_chainsMessagesWhenMany() public {
        _deposit(nativeAsset, 1 ether);
        bytes[] memory envelopes = _envelopes(20);
        bytes32 head = gateway.sentHead();
        for (uint64 i = 0; i < 20; ++i) {
            head = _headAfter(head, i + 1, envelopes[i]);
        }
        vm.prank(ALICE);
        _same(gateway.post{value: 20 * uint256(POST_FEE)}(envelopes), 1, "first index");
        _same(gateway.sentHead(), head, "sent head");
        _same(gateway.sentCount(), 21, "sent count");
        _same(_outstanding(nativeAsset), 1 ether + 20 * uint256(POST_FEE), "outstanding");
    }

    function test_post_keepsHeadWhenPassing256() public {
        for (uint256 i = 0; i < 250; ++i) {
            _deposit(nativeAsset, 1 ether);
        }
        bytes[] memory envelopes = _envelopes(10);
        bytes32 head = gateway.sentHead();
        for (uint64 i = 0; i < 6; ++i) {
            head = _headAfter(head, 250 + i, envelopes[i]);
        }
        vm.prank(ALICE);
        gateway.post{value: 10 * uint256(POST_FEE)}(envelopes);
        _same(gateway.headAt(1), head, "head after message 256");
    }

    function test_post_givesRoomToLeaveAsDepositsDo() public {
        _depositBeforeWindow(nativeAsset, 5 ether, 1 ether);
        uint256 before = gateway.assetOf(nativeAsset).windowAvailable;
        bytes[] memory envelopes = _envelopes(2);
        vm.prank(ALICE);
        gateway.post{value: 2 * uint256(POST_FEE)}(envelopes);
        _same(gateway.assetOf(nativeAsset).windowAvailable, before + 2 * uint256(POST_FEE), "available");
    }

    function test_post_revertsWhenThereIsNone() public {
        _refuse(0, 0, abi.encodeWithSelector(IGateway.GatewayPostEmpty.selector));
    }

    function test_post_revertsWhenValueIsNotTheFeeOfAll() public {
        uint256 due = 3 * uint256(POST_FEE);
        bytes4 selector = IAssetBook.GatewayWrongValue.selector;
        _refuse(3, due - 1, abi.encodeWithSelector(selector, due - 1, due));
        _refuse(3, due + 1, abi.encodeWithSelector(selector, due + 1, due));
    }

    function test_post_revertsWhenAnEnvelopeIsNotOfFullLength() public {
        uint256[3] memory wrong = [uint256(0), 831, 833];
        for (uint256 i = 0; i < 3; ++i) {
            bytes[] memory envelopes = _envelopes(2);
            envelopes[1] = new bytes(wrong[i]);
            vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayEnvelopeLength.selector, wrong[i]));
            vm.prank(ALICE);
            gateway.post{value: 2 * uint256(POST_FEE)}(envelopes);
        }
        _same(gateway.sentCount(), 0, "sent count");
    }

    function test_post_revertsWhenPaused() public {
        bytes32[2] memory scopes = [gateway.DEPOSITS_SCOPE(), nativeAsset];
        for (uint256 i = 0; i < 2; ++i) {
            gateway.pause(scopes[i]);
            _refuse(1, POST_FEE, abi.encodeWithSelector(IAssetBook.GatewayPaused.selector, scopes[i]));
            gateway.unpause(scopes[i]);
        }
    }

    function test_post_revertsWhenCapIsExceeded() public {
        gateway.setCap(nativeAsset, POST_FEE);
        uint256 both = 2 * uint256(POST_FEE);
        _refuse(2, both, abi.encodeWithSelector(IAssetBook.GatewayCapExceeded.selector, both, POST_FEE));
    }

    function test_post_revertsWhenNativeCoinIsNotRegistered() public {
        gateway = new Gateway(address(this), registry);
        gateway.setPostFee(POST_FEE);
        _refuse(1, POST_FEE, abi.encodeWithSelector(IAssetBook.GatewayAssetUnknown.selector, nativeAsset));
    }

    function test_post_revertsWhenNobodySaidWhatItCosts() public {
        gateway = new Gateway(address(this), registry);
        gateway.registerAsset(nativeAsset, _config(address(0)));
        _refuse(1, 0, abi.encodeWithSelector(IGateway.GatewayPostFeeZero.selector));
    }

    function test_setPostFee_changesWhatPostsCost() public {
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.PostFeeChanged(1);
        gateway.setPostFee(1);
        _same(gateway.postFee(), 1, "post fee");
        bytes[] memory envelopes = _envelopes(2);
        vm.prank(ALICE);
        gateway.post{value: 2}(envelopes);
        _same(_outstanding(nativeAsset), 2, "outstanding");
    }

    function test_setPostFee_revertsWhenZero() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayPostFeeZero.selector));
        gateway.setPostFee(0);
    }

    function _refuse(uint256 count, uint256 value, bytes memory failure) private {
        bytes[] memory envelopes = _envelopes(count);
        vm.expectRevert(failure);
        vm.prank(ALICE);
        gateway.post{value: value}(envelopes);
    }

    function _envelopes(uint256 count) private pure returns (bytes[] memory list) {
        list = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = bytes.concat(hex"02", keccak256(abi.encode(i)), new bytes(799));
        }
    }

    function _headAfter(bytes32 head, uint64 index, bytes memory envelope) private view returns (bytes32) {
        bytes32 leaf = keccak256(
            bytes.concat(
                abi.encode(2, block.chainid, address(gateway), index, uint64(block.timestamp), ALICE, ALICE),
                abi.encode(nativeAsset, POST_FEE, POST_FEE, 0, keccak256(envelope))
            )
        );
        return keccak256(abi.encode(head, leaf));
    }
}
