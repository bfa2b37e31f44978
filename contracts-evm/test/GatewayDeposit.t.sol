// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IAssetBook} from "../src/interfaces/IAssetBook.sol";
import {IGateway} from "../src/interfaces/IGateway.sol";
import {GatewayTest} from "./support/GatewayTest.sol";
import {FeeTakingToken, LyingBridgedToken, SilentToken} from "./support/HostileTokens.sol";

contract GatewayDepositTest is GatewayTest {
    bytes private constant ENVELOPE = hex"00112233";

    function test_deposit_appendsWhenNative() public {
        uint256 fee = gateway.quoteFee(nativeAsset);
        bytes32 head = _headAfter(bytes32(0), 0, nativeAsset, 5 ether, fee);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Deposited(
            0, ALICE, nativeAsset, 5 ether, fee, REMOTE, uint64(block.timestamp), BOB, ENVELOPE, head
        );
        vm.prank(ALICE);
        uint64 index = gateway.deposit{value: 5 ether}(nativeAsset, 5 ether, fee, REMOTE, BOB, ENVELOPE);
        _same(index, 0, "index");
        _same(gateway.sentHead(), head, "sent head");
        _same(gateway.sentCount(), 1, "sent count");
        _same(address(gateway).balance, 5 ether, "balance");
        _same(_outstanding(nativeAsset), 5 ether, "outstanding");
    }

    function test_deposit_locksWhenTokenIsOfThisChain() public {
        _deposit(lockedAsset, 7 ether);
        _same(locked.balanceOf(address(gateway)), 7 ether, "balance");
        _same(_outstanding(lockedAsset), 7 ether, "outstanding");
    }

    function test_deposit_burnsWhenTokenIsOfAnotherChain() public {
        _release(mintedAsset, ALICE, 9 ether);
        _deposit(mintedAsset, 4 ether);
        _same(minted.balanceOf(ALICE), 5 ether, "balance");
        _same(minted.totalSupply(), 5 ether, "supply");
        _same(_outstanding(mintedAsset), 5 ether, "outstanding");
    }

    function test_deposit_locksWhenTokenReturnsNothing() public {
        SilentToken token = new SilentToken();
        bytes32 asset = _asset(block.chainid, address(token));
        gateway.registerAsset(asset, _config(address(token)));
        token.mint(ALICE, 3 ether);
        _deposit(asset, 3 ether);
        _same(_outstanding(asset), 3 ether, "outstanding");
    }

    function test_deposit_revertsWhenTokenTakesAFee() public {
        FeeTakingToken token = new FeeTakingToken();
        bytes32 asset = _asset(block.chainid, address(token));
        gateway.registerAsset(asset, _config(address(token)));
        token.mint(ALICE, 100 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 100 ether);
        _refuse(
            asset,
            100 ether,
            abi.encodeWithSelector(IAssetBook.GatewayTransferInexact.selector, 99 ether, 100 ether)
        );
    }

    function test_deposit_revertsWhenBridgedTokenBurnsLess() public {
        bytes32 asset = _asset(REMOTE, BOB);
        LyingBridgedToken token = new LyingBridgedToken(address(gateway), asset);
        gateway.registerAsset(asset, _config(address(token)));
        _release(asset, ALICE, 4 ether);
        token.setPercent(50);
        _refuse(
            asset,
            4 ether,
            abi.encodeWithSelector(IAssetBook.GatewayTransferInexact.selector, 2 ether, 4 ether)
        );
    }

    function test_deposit_revertsWhenHolderLacksTokens() public {
        _release(mintedAsset, BOB, 9 ether);
        _refuse(
            mintedAsset,
            2 ether,
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ALICE, 0, 2 ether)
        );
    }

    function test_deposit_revertsWhenAssetIsUnknown() public {
        bytes32 asset = _asset(1, address(0));
        _refuse(asset, 1 ether, abi.encodeWithSelector(IAssetBook.GatewayAssetUnknown.selector, asset));
    }

    function test_deposit_revertsWhenPaused() public {
        bytes32 scope = gateway.DEPOSITS_SCOPE();
        gateway.pause(scope);
        _refuse(nativeAsset, 1 ether, abi.encodeWithSelector(IAssetBook.GatewayPaused.selector, scope));
        gateway.unpause(scope);
        gateway.pause(nativeAsset);
        _refuse(nativeAsset, 1 ether, abi.encodeWithSelector(IAssetBook.GatewayPaused.selector, nativeAsset));
        _deposit(lockedAsset, 1 ether);
    }

    function test_deposit_revertsWhenValueIsNotTheAmount() public {
        vm.expectRevert(abi.encodeWithSelector(IAssetBook.GatewayWrongValue.selector, 1 ether - 1, 1 ether));
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether - 1}(nativeAsset, 1 ether, 1 ether, REMOTE, BOB, ENVELOPE);
    }

    function test_deposit_revertsWhenValueComesWithAToken() public {
        vm.expectRevert(abi.encodeWithSelector(IAssetBook.GatewayWrongValue.selector, 1, 0));
        vm.prank(ALICE);
        gateway.deposit{value: 1}(lockedAsset, 1 ether, 1 ether, REMOTE, BOB, ENVELOPE);
    }

    function test_deposit_revertsWhenEnvelopeIsEmptyOrTooLong() public {
        _refuseEnvelope(0);
        _refuseEnvelope(833);
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, 1 ether, REMOTE, BOB, new bytes(832));
    }

    function test_deposit_revertsWhenDestinationIsThisChain() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayWrongDestination.selector, block.chainid));
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, 1 ether, block.chainid, BOB, ENVELOPE);
    }

    function test_deposit_namesNoChainWhenDestinationIsZero() public {
        uint256 fee = gateway.quoteFee(nativeAsset);
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, fee, 0, BOB, ENVELOPE);
        bytes32 leaf = keccak256(
            bytes.concat(
                abi.encode(2, block.chainid, address(gateway), 0, block.timestamp, ALICE, BOB),
                abi.encode(nativeAsset, 1 ether, fee, 0, keccak256(ENVELOPE))
            )
        );
        _same(gateway.sentHead(), keccak256(abi.encode(bytes32(0), leaf)), "sent head");
    }

    function test_deposit_revertsWhenAmountExceeds128Bits() public {
        uint256 amount = uint256(type(uint128).max) + 1;
        _refuse(lockedAsset, amount, abi.encodeWithSelector(IGateway.GatewayAmountTooLarge.selector, amount));
    }

    function test_deposit_revertsWhenFeeIsAboveMax() public {
        uint256 fee = gateway.quoteFee(nativeAsset);
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayFeeAboveMax.selector, fee, fee - 1));
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, fee - 1, REMOTE, BOB, ENVELOPE);
    }

    function test_deposit_revertsWhenFeeLeavesNothing() public {
        gateway.setFee(nativeAsset, 1 ether);
        gateway.setLeastCredit(nativeAsset, 0);
        _refuse(
            nativeAsset,
            1 ether,
            abi.encodeWithSelector(IGateway.GatewayAmountTooSmall.selector, 1 ether, 1 ether + 1)
        );
        _deposit(nativeAsset, 1 ether + 1);
    }

    function test_deposit_revertsWhenLessThanFeeAndLeastCredit() public {
        uint256 least = uint256(FEE_FLAT) + LEAST_CREDIT;
        _same(gateway.leastDeposit(lockedAsset), least, "least deposit");
        _refuse(
            lockedAsset,
            least - 1,
            abi.encodeWithSelector(IGateway.GatewayAmountTooSmall.selector, least - 1, least)
        );
        _deposit(lockedAsset, least);
        _same(_outstanding(lockedAsset), least, "outstanding");
    }

    function test_leastDeposit_revertsWhenAssetIsUnknown() public {
        bytes32 asset = _asset(1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IAssetBook.GatewayAssetUnknown.selector, asset));
        gateway.leastDeposit(asset);
    }

    function test_deposit_revertsWhenCapIsExceeded() public {
        gateway.setCap(lockedAsset, 10 ether);
        _deposit(lockedAsset, 10 ether);
        _refuse(
            lockedAsset,
            1 ether,
            abi.encodeWithSelector(IAssetBook.GatewayCapExceeded.selector, 11 ether, 10 ether)
        );
    }

    function testFuzz_deposit_replaysToHeadWhenMany(uint128[6] calldata amounts) public {
        bytes32 head = bytes32(0);
        for (uint64 i = 0; i < 6; ++i) {
            bytes32 asset = i % 2 == 0 ? nativeAsset : lockedAsset;
            uint256 amount = _within(amounts[i], 1 ether, 100_000 ether);
            head = _headAfter(head, i, asset, amount, gateway.quoteFee(asset));
            vm.prank(ALICE);
            gateway.deposit{value: i % 2 == 0 ? amount : 0}(asset, amount, amount, REMOTE, BOB, ENVELOPE);
            _same(gateway.sentHead(), head, "sent head");
            _same(gateway.sentCount(), i + 1, "sent count");
        }
    }

    function testFuzz_quoteFee_isFlat(uint128 flat) public {
        gateway.setFee(nativeAsset, flat);
        _same(gateway.quoteFee(nativeAsset), flat, "fee");
    }

    function test_deposit_revertsWhenRefundWouldReachNobody() public {
        address[2] memory wrong = [address(0), address(gateway)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayWrongRefundTo.selector, wrong[i]));
            vm.prank(ALICE);
            gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, 1 ether, REMOTE, wrong[i], ENVELOPE);
        }
    }

    function test_deposit_keepsHeadWhenEvery256th() public {
        bytes32 head256;
        for (uint256 i = 1; i <= 513; ++i) {
            _deposit(nativeAsset, 1 ether);
            if (i == 255) _same(gateway.headAt(1), 0, "head before message 256");
            if (i == 256) head256 = gateway.sentHead();
            if (i == 512) _same(gateway.headAt(2), gateway.sentHead(), "head after message 512");
        }
        _same(gateway.headAt(1), head256, "head after message 256");
        _same(gateway.headAt(0), 0, "head of the empty outbox");
        _same(gateway.headAt(3), 0, "head to come");
    }

    function test_receive_revertsWhenCoinComesWithoutADeposit() public {
        vm.prank(ALICE);
        (bool ok,) = address(gateway).call{value: 1}("");
        _same(ok, false, "accepted");
    }

    function _refuse(bytes32 asset, uint256 amount, bytes memory failure) private {
        uint256 value = asset == nativeAsset ? amount : 0;
        vm.expectRevert(failure);
        vm.prank(ALICE);
        gateway.deposit{value: value}(asset, amount, type(uint256).max, REMOTE, BOB, ENVELOPE);
    }

    function _refuseEnvelope(uint256 length) private {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayEnvelopeLength.selector, length));
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, 1 ether, REMOTE, BOB, new bytes(length));
    }

    function _headAfter(bytes32 head, uint64 index, bytes32 asset, uint256 amount, uint256 fee)
        private
        view
        returns (bytes32)
    {
        bytes32 leaf = keccak256(
            bytes.concat(
                abi.encode(2, block.chainid, address(gateway), index, uint64(block.timestamp), ALICE, BOB),
                abi.encode(asset, amount, fee, REMOTE, keccak256(ENVELOPE))
            )
        );
        return keccak256(abi.encode(head, leaf));
    }
}
