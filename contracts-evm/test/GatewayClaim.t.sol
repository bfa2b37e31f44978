// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {BridgedToken} from "../src/BridgedToken.sol";
import {RefusingReceiver} from "../src/devnet/RefusingReceiver.sol";
import {IAssetBook} from "../src/interfaces/IAssetBook.sol";
import {IGateway} from "../src/interfaces/IGateway.sol";
import {ReleaseBatch} from "../src/libraries/ReleaseHash.sol";
import {GatewayTest} from "./support/GatewayTest.sol";
import {ForgetfulReceiver, Reentrant} from "./support/HostileReceivers.sol";

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

    /// @dev What was above the limit could never be paid, not even after years.
    function test_claim_paysInPartsWhenAboveTheLimit() public {
        _depositBeforeWindow(nativeAsset, 20 ether, 2 ether);
        _release(nativeAsset, BOB, 5 ether);
        _same(gateway.claimOf(1).amount, 5 ether, "claim");
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Claimed(1, keccak256("tag"), BOB, 2 ether, 3 ether);
        gateway.claim(1);
        _same(gateway.claimOf(1).amount, 3 ether, "claim after a part");
        _refuseOf(1, IAssetBook.DeferReason.WindowExceeded);
        vm.warp(block.timestamp + gateway.WINDOW_SEC());
        gateway.claim(1);
        vm.warp(block.timestamp + gateway.WINDOW_SEC());
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Claimed(1, keccak256("tag"), BOB, 1 ether, 0);
        gateway.claim(1);
        _same(BOB.balance, 5 ether, "balance");
        _same(gateway.claimOf(1).recipient, address(0), "claim");
    }

    function test_claim_paysInPartsWhenLittleIsLocked() public {
        _release(nativeAsset, BOB, 15 ether);
        gateway.claim(1);
        _same(BOB.balance, 10 ether, "balance");
        _refuseOf(1, IAssetBook.DeferReason.SupplyExceeded);
        _deposit(nativeAsset, 5 ether);
        gateway.claim(1);
        _same(BOB.balance, 15 ether, "balance");
    }

    function test_claim_paysInPartsWhenCapLeavesLittle() public {
        gateway.setCap(mintedAsset, 4 ether);
        _release(mintedAsset, BOB, 7 ether);
        gateway.claim(1);
        _same(minted.balanceOf(BOB), 4 ether, "balance");
        _refuseOf(1, IAssetBook.DeferReason.CapExceeded);
        gateway.setCap(mintedAsset, 7 ether);
        gateway.claim(1);
        _same(minted.totalSupply(), 7 ether, "supply");
    }

    function testFuzz_claim_neverExceedsWhenTakenInParts(
        uint128 limit,
        uint256 amount,
        uint16[6] calldata waits
    ) public {
        limit = uint128(_within(limit, 1, 2 ether));
        amount = _within(amount, 2 ether + 1, 9 ether);
        gateway.setWindowLimit(nativeAsset, limit);
        vm.warp(block.timestamp + gateway.WINDOW_SEC());
        _release(nativeAsset, BOB, amount);
        for (uint256 i = 0; i < 6; ++i) {
            uint256 before = BOB.balance;
            uint256 owed = gateway.claimOf(1).amount;
            uint256 available = gateway.assetOf(nativeAsset).windowAvailable;
            (bool ok,) = address(gateway).call(abi.encodeCall(IGateway.claim, (1)));
            _same(ok, owed != 0 && available != 0, "paid");
            _same(BOB.balance - before, owed < available ? owed : available, "part");
            _same(BOB.balance + gateway.claimOf(1).amount, amount, "paid and owed");
            vm.warp(block.timestamp + waits[i]);
        }
    }

    function test_claimFees_paysInPartsWhenAboveTheLimit() public {
        _depositBeforeWindow(nativeAsset, 20 ether, 2 ether);
        _submit(_batch(_one(mintedAsset, BOB, 1), _oneFee(nativeAsset, 3 ether)));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.FeesClaimed(nativeAsset, RELAYER, 2 ether, 1 ether, BOB);
        vm.prank(RELAYER);
        gateway.claimFees(nativeAsset, BOB);
        _same(gateway.feesOf(RELAYER, nativeAsset), 1 ether, "fees");
        vm.warp(block.timestamp + gateway.WINDOW_SEC());
        vm.prank(RELAYER);
        gateway.claimFees(nativeAsset, BOB);
        _same(BOB.balance, 3 ether, "balance");
    }

    /// @dev What was owed to the gateway itself could be claimed by nobody.
    function test_assignClaim_letsAnotherClaimWhenRecipientIsNobody() public {
        address[2] memory nobody = [address(gateway), address(0)];
        for (uint64 i = 0; i < 2; ++i) {
            _release(nativeAsset, nobody[i], 1 ether);
        }
        vm.warp(block.timestamp + gateway.ASSIGN_DELAY_SEC());
        for (uint64 i = 0; i < 2; ++i) {
            _refuseOf(i + 1, IAssetBook.DeferReason.RecipientImpossible);
            vm.expectEmit(true, true, true, true, address(gateway));
            emit IGateway.ClaimAssigned(i + 1, BOB);
            gateway.assignClaim(i + 1, BOB);
            gateway.claim(i + 1);
        }
        _same(BOB.balance, 2 ether, "balance");
    }

    function test_assignClaim_revertsWhenTooEarly() public {
        _release(nativeAsset, address(gateway), 1 ether);
        uint64 fromSec = uint64(block.timestamp) + gateway.ASSIGN_DELAY_SEC();
        vm.warp(fromSec - 1);
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayClaimTooYoung.selector, 1, fromSec));
        gateway.assignClaim(1, BOB);
    }

    function test_assignClaim_revertsWhenSomebodyCanClaim() public {
        vm.warp(block.timestamp + 2 * gateway.ASSIGN_DELAY_SEC());
        vm.expectRevert(
            abi.encodeWithSelector(IGateway.GatewayClaimNotOrphaned.selector, 0, address(_receiver))
        );
        gateway.assignClaim(0, BOB);
    }

    function test_assignClaim_revertsWhenUnknownOrToNobodyOrCallerIsNotOwner() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayClaimUnknown.selector, 1));
        gateway.assignClaim(1, BOB);
        _release(nativeAsset, address(gateway), 1 ether);
        vm.warp(block.timestamp + gateway.ASSIGN_DELAY_SEC());
        address[2] memory nobody = [address(gateway), address(0)];
        for (uint64 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGateway.GatewayClaimFailed.selector, IAssetBook.DeferReason.RecipientImpossible
                )
            );
            gateway.assignClaim(1, nobody[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, BOB));
        vm.prank(BOB);
        gateway.assignClaim(1, BOB);
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

    /// @dev Anybody could have a claim paid with as little gas as leaves its recipient unable to deal with it.
    function testFuzz_claim_neverStarvesRecipientWhenAnotherAsks(uint256 gasLimit) public {
        ForgetfulReceiver receiver = new ForgetfulReceiver();
        gateway.pause(nativeAsset);
        _release(nativeAsset, address(receiver), 1 ether);
        gateway.unpause(nativeAsset);
        vm.prank(BOB);
        (bool ok,) = address(gateway).call{gas: _within(gasLimit, 40_000, 500_000)}(
            abi.encodeCall(IGateway.claim, (1))
        );
        _same(receiver.credited(), ok ? 1 ether : 0, "credited if and only if the claim went through");
        _same(address(receiver).balance, receiver.credited(), "balance");
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

    function test_claims_revertWhenReleasesArePaused() public {
        _deferFee(2 ether);
        gateway.unpause(nativeAsset);
        bytes32 scope = gateway.RELEASES_SCOPE();
        gateway.pause(scope);
        bytes memory failure = abi.encodeWithSelector(IAssetBook.GatewayPaused.selector, scope);
        vm.expectRevert(failure);
        vm.prank(RELAYER);
        gateway.claimFees(nativeAsset, BOB);
        vm.expectRevert(failure);
        _receiver.claimTo(gateway, 0, BOB);
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
