// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {PermanentOwner} from "../src/base/PermanentOwner.sol";
import {BridgedToken} from "../src/BridgedToken.sol";
import {IAssetBook} from "../src/interfaces/IAssetBook.sol";
import {IGateway} from "../src/interfaces/IGateway.sol";
import {GatewayTest} from "./support/GatewayTest.sol";
import {Mute} from "./support/HostileTokens.sol";

contract GatewayAssetsTest is GatewayTest {
    function test_registerAsset_keepsSettingsWhenNew() public view {
        IAssetBook.AssetState memory state = gateway.assetOf(mintedAsset);
        _same(state.registered, true, "registered");
        _same(state.config.token, address(minted), "token");
        _same(state.config.cap, CAP, "cap");
        _same(state.config.windowLimit, LIMIT, "window limit");
        _same(state.config.feeFlat, FEE_FLAT, "flat fee");
        _same(state.config.leastCredit, LEAST_CREDIT, "least credit");
        _same(state.outstanding, 0, "outstanding");
        _same(state.windowAvailable, LIMIT, "available");
    }

    function test_assetOf_isEmptyWhenUnknown() public view {
        IAssetBook.AssetState memory state = gateway.assetOf(_asset(1, BOB));
        _same(state.registered, false, "registered");
        _same(state.windowAvailable, 0, "available");
    }

    function test_registerAsset_revertsWhenRepeated() public {
        _refuse(
            nativeAsset,
            address(0),
            abi.encodeWithSelector(IAssetBook.GatewayAssetRegistered.selector, nativeAsset)
        );
    }

    function test_registerAsset_revertsWhenTokenIsNotTheAssets() public {
        bytes32 asset = _asset(block.chainid, BOB);
        _refuse(
            asset,
            address(locked),
            abi.encodeWithSelector(IAssetBook.GatewayTokenMismatch.selector, asset, address(locked))
        );
    }

    function test_registerAsset_revertsWhenTokenHasNoCode() public {
        bytes memory failure = abi.encodeWithSelector(IAssetBook.GatewayTokenWithoutCode.selector, BOB);
        _refuse(_asset(block.chainid, BOB), BOB, failure);
        _refuse(_asset(REMOTE, BOB), BOB, failure);
    }

    function test_registerAsset_revertsWhenBridgedTokenIsOfAnotherAsset() public {
        bytes32 asset = _asset(REMOTE, BOB);
        _refuse(
            asset,
            address(minted),
            abi.encodeWithSelector(IAssetBook.GatewayTokenMismatch.selector, asset, address(minted))
        );
    }

    function test_registerAsset_revertsWhenBridgedTokenIsOfAnotherGateway() public {
        bytes32 asset = _asset(REMOTE, BOB);
        address token = address(new BridgedToken("Other", "OTHER", 18, BOB, asset));
        _refuse(asset, token, abi.encodeWithSelector(IAssetBook.GatewayTokenMismatch.selector, asset, token));
    }

    function test_registerAsset_revertsWhenCallerIsNotOwner() public {
        vm.expectRevert(_notOwner());
        vm.prank(BOB);
        gateway.registerAsset(nativeAsset, _config(address(0)));
    }

    function test_setters_changeSettingsWhenCallerIsOwner() public {
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IAssetBook.CapChanged(nativeAsset, 1);
        gateway.setCap(nativeAsset, 1);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IAssetBook.WindowLimitChanged(nativeAsset, 2);
        gateway.setWindowLimit(nativeAsset, 2);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IAssetBook.FeeChanged(nativeAsset, 3);
        gateway.setFee(nativeAsset, 3);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IAssetBook.LeastCreditChanged(nativeAsset, 4);
        gateway.setLeastCredit(nativeAsset, 4);
        IAssetBook.AssetConfig memory config = gateway.assetOf(nativeAsset).config;
        _same(config.cap, 1, "cap");
        _same(config.windowLimit, 2, "window limit");
        _same(config.feeFlat, 3, "flat fee");
        _same(config.leastCredit, 4, "least credit");
    }

    function test_setters_revertWhenCallerIsNotOwner() public {
        bytes[6] memory calls = [
            abi.encodeCall(IAssetBook.setCap, (nativeAsset, 1)),
            abi.encodeCall(IAssetBook.setWindowLimit, (nativeAsset, 1)),
            abi.encodeCall(IAssetBook.setFee, (nativeAsset, 1)),
            abi.encodeCall(IAssetBook.setLeastCredit, (nativeAsset, 1)),
            abi.encodeCall(IGateway.setPostFee, (1)),
            abi.encodeCall(IAssetBook.setPauser, (BOB))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(BOB);
            (bool ok, bytes memory failure) = address(gateway).call(calls[i]);
            _same(ok, false, "accepted");
            _same(keccak256(failure), keccak256(_notOwner()), "failure");
        }
    }

    function test_setters_revertWhenAssetIsUnknown() public {
        bytes32 asset = _asset(1, BOB);
        bytes memory failure = abi.encodeWithSelector(IAssetBook.GatewayAssetUnknown.selector, asset);
        vm.expectRevert(failure);
        gateway.setCap(asset, 1);
        vm.expectRevert(failure);
        gateway.setWindowLimit(asset, 1);
        vm.expectRevert(failure);
        gateway.setFee(asset, 1);
        vm.expectRevert(failure);
        gateway.setLeastCredit(asset, 1);
    }

    function test_registerAsset_revertsWhenTokenDoesNotTellBalances() public {
        address[2] memory tokens = [address(new Mute()), address(gateway)];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory failure =
                abi.encodeWithSelector(IAssetBook.GatewayTokenUnreadable.selector, tokens[i]);
            _refuse(_asset(block.chainid, tokens[i]), tokens[i], failure);
        }
    }

    function test_registerAsset_revertsWhenBridgedTokenExistsAlready() public {
        bytes32 asset = _asset(REMOTE, BOB);
        BridgedToken token = new BridgedToken("Other", "OTHER", 18, address(gateway), asset);
        vm.prank(address(gateway));
        token.mint(BOB, 5);
        _refuse(
            asset,
            address(token),
            abi.encodeWithSelector(IAssetBook.GatewayTokenHasSupply.selector, address(token), 5)
        );
    }

    function test_renounceOwnership_revertsAlways() public {
        vm.expectRevert(abi.encodeWithSelector(PermanentOwner.OwnerPermanent.selector));
        gateway.renounceOwnership();
        _same(gateway.owner(), address(this), "owner");
    }

    function test_moveToken_revertsWhenCallerIsNotTheGateway() public {
        _deposit(lockedAsset, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IAssetBook.GatewayCallerNotGateway.selector, address(this)));
        gateway.moveToken(lockedAsset, BOB, 1);
        vm.expectRevert(abi.encodeWithSelector(IAssetBook.GatewayCallerNotGateway.selector, address(this)));
        gateway.moveToken(mintedAsset, BOB, 1);
    }

    function test_pause_stopsScopeWhenCallerIsPauserOrOwner() public {
        gateway.setPauser(BOB);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IAssetBook.Paused(lockedAsset, BOB);
        vm.prank(BOB);
        gateway.pause(lockedAsset);
        _same(gateway.isPaused(lockedAsset), true, "paused by pauser");
        gateway.pause(mintedAsset);
        _same(gateway.isPaused(mintedAsset), true, "paused by owner");
        _same(gateway.isPaused(nativeAsset), false, "another scope");
    }

    function test_pause_revertsWhenCallerIsAnother() public {
        vm.expectRevert(abi.encodeWithSelector(IAssetBook.GatewayCallerNotPauser.selector, BOB));
        vm.prank(BOB);
        gateway.pause(lockedAsset);
    }

    function test_unpause_revertsWhenCallerIsPauser() public {
        gateway.setPauser(BOB);
        gateway.pause(lockedAsset);
        vm.expectRevert(_notOwner());
        vm.prank(BOB);
        gateway.unpause(lockedAsset);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IAssetBook.Unpaused(lockedAsset);
        gateway.unpause(lockedAsset);
        _same(gateway.isPaused(lockedAsset), false, "paused");
    }

    function test_transferOwnership_waitsWhenNotAccepted() public {
        gateway.transferOwnership(BOB);
        _same(gateway.owner(), address(this), "owner before acceptance");
        vm.prank(BOB);
        gateway.acceptOwnership();
        _same(gateway.owner(), BOB, "owner after acceptance");
    }

    function _refuse(bytes32 asset, address token, bytes memory failure) private {
        vm.expectRevert(failure);
        gateway.registerAsset(asset, _config(token));
    }

    function _notOwner() private pure returns (bytes memory) {
        return abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, BOB);
    }
}
