// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor} from "../src/Anchor.sol";
import {Commit, Cursor} from "../src/libraries/CommitHash.sol";
import {Release, ReleaseBatch} from "../src/libraries/ReleaseHash.sol";
import {GatewayTest} from "./support/GatewayTest.sol";

/// @dev Enclaves prove these slots. They read their numbers from what test/vectors/typed-data.json is written from.
contract StorageLayoutTest is GatewayTest {
    string private _json = vm.readFile("../test/vectors/typed-data.json");

    function test_gateway_keepsOutboxWhereVectorsSay() public {
        _deposit(nativeAsset, 1 ether);
        _deposit(nativeAsset, 2 ether);
        _same(_gatewayWord("sentHead"), gateway.sentHead(), "sent head");
        // The whole word, so nothing may share it.
        _same(_gatewayWord("sentCount"), bytes32(uint256(2)), "sent count");
    }

    function test_gateway_keepsReleasesWhereVectorsSay() public {
        _deposit(nativeAsset, 2 ether);
        _release(nativeAsset, BOB, 1 ether);
        _same(_gatewayWord("releasedHead"), gateway.releasedHead(), "released head");
        _same(_gatewayWord("releasedCount"), bytes32(uint256(1)), "released count");
    }

    function test_gateway_keepsConsumedCountWhereVectorsSay() public {
        _deposit(nativeAsset, 1 ether);
        _deposit(nativeAsset, 1 ether);
        ReleaseBatch memory batch = _batch(new Release[](0), _noFees());
        batch.consumedCount = 2;
        _submit(batch);
        _same(_gatewayWord("consumedCount"), bytes32(uint256(2)), "consumed count");
    }

    function test_gateway_keepsHeadsWhereVectorsSay() public {
        for (uint256 i = 0; i < 256; ++i) {
            _deposit(nativeAsset, 1 ether);
        }
        bytes32 slot = keccak256(abi.encode(uint256(1), _slot("gatewaySlots.heads")));
        _same(vm.load(address(gateway), slot), gateway.sentHead(), "head after message 256");
    }

    function test_gateway_keepsSpentWhereVectorsSay() public {
        for (uint256 i = 0; i < 258; ++i) {
            _deposit(nativeAsset, 1 ether);
        }
        _submit(_batch(_oneRefund(nativeAsset, 1 ether, 257), _noFees()));
        bytes32 slot = keccak256(abi.encode(uint256(1), _slot("gatewaySlots.spent")));
        _same(vm.load(address(gateway), slot), bytes32(uint256(2)), "bits of messages 256 to 511");
    }

    function test_anchor_keepsPositionAndIdsWhereVectorsSay() public {
        Anchor anchor = new Anchor(address(this), registry);
        anchor.initialize(keccak256("genesis"));
        anchor.resume(uint64(REMOTE));
        anchor.suspend(uint64(REMOTE));
        anchor.resume(uint64(REMOTE));
        anchor.resume(uint64(REMOTE));
        Commit memory commit = Commit({
            epoch: EPOCH,
            number: 1,
            round: 7,
            asOf: uint64(block.timestamp),
            prevState: keccak256("genesis"),
            postState: keccak256("state 1"),
            inputs: new Cursor[](0),
            control: 3,
            paid: new Cursor[](0),
            beneficiary: bytes32(uint256(1))
        });
        anchor.commit(commit, _signatures(_commitDigest(address(anchor), commit)));
        _same(vm.load(address(anchor), _slot("anchorSlots.stateId")), keccak256("state 1"), "state id");
        _same(vm.load(address(anchor), _slot("anchorSlots.number")), bytes32(uint256(1)), "number");
        _same(vm.load(address(anchor), _slot("anchorIdSlots.genesis")), keccak256("genesis"), "genesis id");
        _same(vm.load(address(anchor), _slot("anchorIdSlots.first")), keccak256("state 1"), "first id");
        uint256 progress = 7 | block.timestamp << 64 | 3 << 128 | 2 << 192;
        _same(vm.load(address(anchor), _slot("anchorSlots.progress")), bytes32(progress), "progress");
        _same(
            vm.load(address(anchor), _slot("anchorSlots.controlHead")), anchor.controlHead(), "control head"
        );
        bytes32 count = vm.load(address(anchor), _slot("anchorSlots.controlCount"));
        _same(count, bytes32(uint256(4)), "control count");
    }

    function _gatewayWord(string memory name) private view returns (bytes32) {
        return vm.load(address(gateway), _slot(string.concat("gatewaySlots.", name)));
    }

    function _slot(string memory path) private view returns (bytes32) {
        return vm.parseJsonBytes32(_json, string.concat(".constants.", path));
    }
}
