// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BridgedToken} from "../../src/BridgedToken.sol";
import {DemoToken} from "../../src/devnet/DemoToken.sol";
import {Gateway} from "../../src/Gateway.sol";
import {IAssetBook} from "../../src/interfaces/IAssetBook.sol";
import {IGateway} from "../../src/interfaces/IGateway.sol";
import {Fee, Release, ReleaseBatch} from "../../src/libraries/ReleaseHash.sol";
import {Quorum} from "./Quorum.sol";

/// @title A gateway with the native coin, a locked token and a minted token
abstract contract GatewayTest is Quorum {
    uint256 internal constant REMOTE = 420420499;
    uint128 internal constant CAP = 1_000_000 ether;
    uint128 internal constant LIMIT = 100_000 ether;
    uint128 internal constant FEE_FLAT = 0.01 ether;
    uint128 internal constant LEAST_CREDIT = 0.002 ether;
    uint128 internal constant POST_FEE = 0.001 ether;

    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);
    address internal constant RELAYER = address(0x5E1A7E5);

    Gateway internal gateway;
    DemoToken internal locked;
    BridgedToken internal minted;
    bytes32 internal nativeAsset;
    bytes32 internal lockedAsset;
    bytes32 internal mintedAsset;

    function setUp() public virtual {
        _admitQuorum();
        gateway = new Gateway(address(this), registry);
        locked = new DemoToken("Demo", "DEMO", 18);
        nativeAsset = _asset(block.chainid, address(0));
        lockedAsset = _asset(block.chainid, address(locked));
        mintedAsset = _asset(REMOTE, address(0));
        minted = new BridgedToken("Dot", "vDOT", 10, address(gateway), mintedAsset);
        gateway.registerAsset(nativeAsset, _config(address(0)));
        gateway.registerAsset(lockedAsset, _config(address(locked)));
        gateway.registerAsset(mintedAsset, _config(address(minted)));
        gateway.setPostFee(POST_FEE);
        vm.deal(ALICE, CAP);
        locked.mint(ALICE, CAP);
        vm.prank(ALICE);
        locked.approve(address(gateway), type(uint256).max);
    }

    function _asset(uint256 chainId, address token) internal pure returns (bytes32) {
        return bytes32((chainId << 160) | uint160(token));
    }

    function _config(address token) internal pure returns (IAssetBook.AssetConfig memory) {
        return IAssetBook.AssetConfig({
            token: token, cap: CAP, windowLimit: LIMIT, feeFlat: FEE_FLAT, leastCredit: LEAST_CREDIT
        });
    }

    /// @dev Alice deposits so that the gateway has something to pay with.
    function _deposit(bytes32 asset, uint256 amount) internal returns (uint64) {
        uint256 value = asset == nativeAsset ? amount : 0;
        vm.prank(ALICE);
        return gateway.deposit{value: value}(asset, amount, type(uint256).max, REMOTE, ALICE, hex"00");
    }

    /// @dev Alice deposits, and of the room that this gives nothing is left when `limit` holds.
    function _depositBeforeWindow(bytes32 asset, uint256 amount, uint128 limit) internal {
        _deposit(asset, amount);
        gateway.setWindowLimit(asset, limit);
        vm.warp(block.timestamp + gateway.WINDOW_SEC());
    }

    /// @dev Registers a token of this chain with the usual settings.
    function _register(address token) internal returns (bytes32 asset) {
        asset = _asset(block.chainid, token);
        gateway.registerAsset(asset, _config(token));
    }

    function _one(bytes32 asset, address recipient, uint256 amount)
        internal
        pure
        returns (Release[] memory list)
    {
        list = new Release[](1);
        list[0] =
            Release({tag: keccak256("tag"), asset: asset, recipient: recipient, amount: amount, refundOf: 0});
    }

    /// @dev Message `index` given back to Alice.
    function _oneRefund(bytes32 asset, uint256 amount, uint64 index)
        internal
        pure
        returns (Release[] memory list)
    {
        list = _one(asset, ALICE, amount);
        list[0].refundOf = index + 1;
    }

    function _noFees() internal pure returns (Fee[] memory) {
        return new Fee[](0);
    }

    function _oneFee(bytes32 asset, uint256 amount) internal pure returns (Fee[] memory list) {
        list = new Fee[](1);
        list[0] = Fee({asset: asset, amount: amount});
    }

    /// @dev The next batch of the gateway, for `RELAYER` to submit.
    function _batch(Release[] memory releases, Fee[] memory fees)
        internal
        view
        returns (ReleaseBatch memory)
    {
        return ReleaseBatch({
            chainId: block.chainid,
            gateway: address(gateway),
            epoch: EPOCH,
            firstIndex: gateway.releasedCount(),
            prevHead: gateway.releasedHead(),
            releases: releases,
            fees: fees,
            consumedCount: gateway.consumedCount(),
            submitter: RELAYER
        });
    }

    function _submit(ReleaseBatch memory batch) internal {
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.prank(RELAYER);
        gateway.release(batch, signatures);
    }

    function _submitExpecting(ReleaseBatch memory batch, bytes memory failure) internal {
        bytes[] memory signatures = _signatures(_batchDigest(batch));
        vm.expectRevert(failure);
        vm.prank(RELAYER);
        gateway.release(batch, signatures);
    }

    function _release(bytes32 asset, address recipient, uint256 amount) internal {
        _submit(_batch(_one(asset, recipient, amount), _noFees()));
    }

    function _expectDeferred(
        uint64 index,
        bytes32 asset,
        address recipient,
        uint256 amount,
        IAssetBook.DeferReason reason
    ) internal {
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.ReleaseDeferred(index, keccak256("tag"), asset, recipient, amount, reason);
    }

    function _outstanding(bytes32 asset) internal view returns (uint256) {
        return gateway.assetOf(asset).outstanding;
    }
}
