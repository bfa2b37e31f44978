// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor} from "../src/Anchor.sol";
import {Commit, Cursor} from "../src/libraries/CommitHash.sol";
import {Release, ReleaseBatch} from "../src/libraries/ReleaseHash.sol";
import {GatewayTest} from "./support/GatewayTest.sol";

/// @dev Each call runs as a transaction of its own; snapshots/Gas.json holds what the call itself uses, with two of
/// three enclaves signing. Not the first call of its kind, which pays for fresh storage.
/// forge-config: default.isolate = true
contract GasTest is GatewayTest {
    bytes private _sealed = new bytes(640);
    bytes private _order = new bytes(832);

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < 832; ++i) {
            _order[i] = bytes1(uint8(i % 255 + 1));
            if (i < 640) _sealed[i] = _order[i];
        }
        _deposit(nativeAsset, 100 ether);
        _deposit(lockedAsset, 100 ether);
        _release(nativeAsset, BOB, 1 ether);
        _release(lockedAsset, BOB, 1 ether);
        _release(mintedAsset, BOB, 1 ether);
    }

    function test_deposit_gasWhenSealed() public {
        bytes memory envelope = _sealed;
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, 1 ether, REMOTE, ALICE, envelope);
        vm.snapshotGasLastCall("Gas", "deposit, native coin, sealed");
        vm.prank(ALICE);
        gateway.deposit(lockedAsset, 1 ether, 1 ether, REMOTE, ALICE, envelope);
        vm.snapshotGasLastCall("Gas", "deposit, locked token, sealed");
    }

    function test_deposit_gasWhenTransparent() public {
        vm.prank(ALICE);
        gateway.deposit{value: 1 ether}(nativeAsset, 1 ether, 1 ether, REMOTE, ALICE, new bytes(21));
        vm.snapshotGasLastCall("Gas", "deposit, native coin, transparent");
    }

    function test_post_gasWhenOneAndSixteen() public {
        _post(1);
        vm.snapshotGasLastCall("Gas", "post, 1 order");
        _post(16);
        vm.snapshotGasLastCall("Gas", "post, 16 orders");
    }

    function test_control_gasWhenAssetIsRegistered() public {
        Anchor anchor = new Anchor(address(this), registry);
        uint8[] memory rungs = new uint8[](7);
        for (uint8 i = 0; i < 7; ++i) {
            rungs[i] = 3 + i;
        }
        anchor.setReward(nativeAsset, 1);
        anchor.registerAsset(nativeAsset, 0.01 ether, rungs, 1, 1);
        vm.snapshotGasLastCall("Gas", "control, an asset of 7 rungs");
        anchor.suspend(uint64(REMOTE));
        vm.snapshotGasLastCall("Gas", "control, suspension");
    }

    function test_commit_gasWhenTwoCursors() public {
        Anchor anchor = new Anchor(address(this), registry);
        anchor.initialize(keccak256("genesis"));
        for (uint64 i = 1; i <= 2; ++i) {
            Cursor[] memory inputs = new Cursor[](2);
            inputs[0] = Cursor({chainId: block.chainid, count: i});
            inputs[1] = Cursor({chainId: REMOTE, count: i});
            Commit memory commit = Commit({
                epoch: EPOCH,
                number: i,
                round: i,
                asOf: uint64(block.timestamp),
                prevState: anchor.stateId(),
                postState: keccak256(abi.encode(i)),
                inputs: inputs,
                control: 0,
                paid: new Cursor[](0),
                beneficiary: keccak256("account")
            });
            anchor.commit(commit, _signatures(_commitDigest(address(anchor), commit)));
        }
        vm.snapshotGasLastCall("Gas", "commit, 2 chains");
    }

    function test_release_gasWhenOne() public {
        _submit(_releasesTo(1, nativeAsset));
        vm.snapshotGasLastCall("Gas", "release, 1 of the native coin");
    }

    function test_release_gasWhenSixteen() public {
        _submit(_releasesTo(16, nativeAsset));
        vm.snapshotGasLastCall("Gas", "release, 16 of the native coin");
        _submit(_releasesTo(16, lockedAsset));
        vm.snapshotGasLastCall("Gas", "release, 16 of a locked token");
        _submit(_releasesTo(16, mintedAsset));
        vm.snapshotGasLastCall("Gas", "release, 16 of a minted token");
    }

    function test_claim_gasWhenPaid() public {
        gateway.pause(nativeAsset);
        _submit(_releasesTo(2, nativeAsset));
        gateway.unpause(nativeAsset);
        gateway.claim(4);
        gateway.claim(3);
        vm.snapshotGasLastCall("Gas", "claim of the native coin");
    }

    function _post(uint256 count) private {
        bytes[] memory envelopes = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            envelopes[i] = _order;
        }
        vm.prank(ALICE);
        gateway.post{value: count * POST_FEE}(envelopes);
    }

    /// @dev Recipients that never held anything, and one fee.
    function _releasesTo(uint256 count, bytes32 asset) private view returns (ReleaseBatch memory) {
        Release[] memory releases = new Release[](count);
        for (uint256 i = 0; i < count; ++i) {
            releases[i] = Release({
                tag: keccak256(abi.encode("tag", i)),
                asset: asset,
                recipient: address(uint160(uint256(keccak256(abi.encode(asset, count, i))))),
                amount: 1 ether,
                refundOf: 0
            });
        }
        return _batch(releases, _oneFee(asset, 0.001 ether));
    }
}
