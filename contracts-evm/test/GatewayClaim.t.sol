// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BridgedToken} from "../src/BridgedToken.sol";
import {RefusingReceiver} from "../src/devnet/RefusingReceiver.sol";
import {IAssetBook} from "../src/interfaces/IAssetBook.sol";
import {IGateway} from "../src/interfaces/IGateway.sol";
import {ReleaseBatch} from "../src/libraries/ReleaseHash.sol";
import {GatewayTest} from "./support/GatewayTest.sol";
import {Reentrant} from "./support/HostileReceivers.sol";

contract GatewayClaimTest is GatewayTest {
    RefusingReceiver private _receiver;

    function setUp() public override {
        super.setUp();
        _receiver = new RefusingReceiver();
        _deposit(nativeAsset, 10 ether);
        _release(nativeAsset, address(_receiver), 3 ether);
    }

    function test_claim_paysRecipientWhenItAccepts() public {
        _receiver.setAccepting(true);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Claimed(0, keccak256("tag"), address(_receiver), 3 ether, 0);
        vm.prank(BOB);
        gateway.claim(0);
        _same(address(_receiver).balance, 3 ether, "balance");
        _same(_outstanding(nativeAsset), 7 ether, "outstanding");
        _same(gateway.claimOf(0).amount, 0, "claim");
    }

    function test_claim_revertsWhenRecipientStillRefuses() public {
        _refuse(IAssetBook.DeferReason.PayoutFailed);
        _same(gateway.claimOf(0).amount, 3 ether, "claim");
    }

    function test_claim_revertsWhenPaid() public {
        _receiver.setAccepting(true);
        gateway.claim(0);
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayClaimUnknown.selector, 0));
        gateway.claim(0);
    }

    function test_claim_revertsWhenNothingWasPutAside() public {
        _release(nativeAsset, BOB, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayClaimUnknown.selector, 1));
        gateway.claim(1);
    }

    function test_claim_revertsWhenReleasesOrAssetArePaused() public {
        _receiver.setAccepting(true);
        gateway.pause(nativeAsset);
        _refuse(IAssetBook.DeferReason.AssetPaused);
        gateway.unpause(nativeAsset);
        bytes32 scope = gateway.RELEASES_SCOPE();
        gateway.pause(scope);
        vm.expectRevert(abi.encodeWithSelector(IAssetBook.GatewayPaused.selector, scope));
        gateway.claim(0);
    }

    function test_claim_paysWhenAssetIsRegisteredLater() public {
        bytes32 asset = _asset(REMOTE, BOB);
        _release(asset, BOB, 2 ether);
        _refuseOf(1, IAssetBook.DeferReason.UnknownAsset);
        BridgedToken token = new BridgedToken("Later", "LATER", 18, address(gateway), asset);
        gateway.registerAsset(asset, _config(address(token)));
        gateway.claim(1);
        _same(token.balanceOf(BOB), 2 ether, "balance");
        _same(gateway.claimOf(1).recipient, address(0), "claim");
    }

    function test_claim_paysOnceWhenRecipientReenters() public {
        Reentrant reentrant = new Reentrant(gateway);
        gateway.pause(nativeAsset);
        _release(nativeAsset, address(reentrant), 1 ether);
        gateway.unpause(nativeAsset);
        reentrant.setCall(abi.encodeCall(IGateway.claim, (1)));
        gateway.claim(1);
        _same(address(reentrant).balance, 1 ether, "balance");
    }

    function test_claimTo_paysAnotherWhenRecipientAsks() public {
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Claimed(0, keccak256("tag"), BOB, 3 ether, 0);
        _receiver.claimTo(gateway, 0, BOB);
        _same(BOB.balance, 3 ether, "balance");
    }

    function test_claimTo_revertsWhenCallerIsNotRecipient() public {
        vm.expectRevert(
            abi.encodeWithSelector(IGateway.GatewayCallerNotRecipient.selector, BOB, address(_receiver))
        );
        vm.prank(BOB);
        gateway.claimTo(0, BOB);
    }

    function test_claimTo_revertsWhenNothingWasPutAside() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayCallerNotRecipient.selector, BOB, address(0)));
        vm.prank(BOB);
        gateway.claimTo(9, BOB);
    }

    function test_claimTo_revertsWhenTargetIsNobody() public {
        address[2] memory nobody = [address(0), address(gateway)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGateway.GatewayClaimFailed.selector, IAssetBook.DeferReason.RecipientImpossible
                )
            );
            _receiver.claimTo(gateway, 0, nobody[i]);
        }
    }

    function test_claimFees_paysWhenPutAside() public {
        _deferFee(2 ether);
        gateway.unpause(nativeAsset);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.FeesClaimed(nativeAsset, RELAYER, 2 ether, 0, BOB);
        vm.prank(RELAYER);
        gateway.claimFees(nativeAsset, BOB);
        _same(BOB.balance, 2 ether, "balance");
        _same(gateway.feesOf(RELAYER, nativeAsset), 0, "fees");
    }

    function test_claimFees_revertsWhenStillPaused() public {
        _deferFee(2 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IGateway.GatewayClaimFailed.selector, IAssetBook.DeferReason.AssetPaused)
        );
        vm.prank(RELAYER);
        gateway.claimFees(nativeAsset, BOB);
        _same(gateway.feesOf(RELAYER, nativeAsset), 2 ether, "fees");
    }

    function test_claimFees_revertsWhenNone() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayNoFees.selector, BOB, nativeAsset));
        vm.prank(BOB);
        gateway.claimFees(nativeAsset, BOB);
    }

    function _deferFee(uint256 amount) private {
        gateway.pause(nativeAsset);
        ReleaseBatch memory batch = _batch(_one(mintedAsset, BOB, 1), _oneFee(nativeAsset, amount));
        _submit(batch);
    }

    function _refuse(IAssetBook.DeferReason reason) private {
        _refuseOf(0, reason);
    }

    function _refuseOf(uint64 index, IAssetBook.DeferReason reason) private {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayClaimFailed.selector, reason));
        gateway.claim(index);
    }
}
