// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor} from "../src/Anchor.sol";
import {BridgedToken} from "../src/BridgedToken.sol";
import {EnclaveRegistry} from "../src/EnclaveRegistry.sol";
import {Gateway} from "../src/Gateway.sol";
import {IAssetBook} from "../src/interfaces/IAssetBook.sol";
import {IControlBook} from "../src/interfaces/IControlBook.sol";
import {Commit, CommitHash, Cursor} from "../src/libraries/CommitHash.sol";
import {ControlHash, ControlMessage} from "../src/libraries/ControlHash.sol";
import {Message, Outbox} from "../src/libraries/Outbox.sol";
import {Fee, Release, ReleaseBatch, ReleaseHash} from "../src/libraries/ReleaseHash.sol";
import {Quorum} from "./support/Quorum.sol";

/// @dev The contracts run at the addresses of test/vectors/typed-data.json, which src/protocol wrote.
contract TypedDataTest is Quorum {
    uint64 private constant CONTROLS = 8;

    string private _json;
    Gateway private _gateway;
    Anchor private _anchor;

    function setUp() public {
        _json = vm.readFile("../test/vectors/typed-data.json");
        vm.chainId(_uint(".chainId"));
        registry = new EnclaveRegistry(address(this));
        uint64 epoch = uint64(_uint(".epoch"));
        registry.admit(_address(".signers[0]"), epoch, EXPIRES_AT, MEASUREMENT);
        registry.admit(_address(".signers[1]"), epoch, EXPIRES_AT, MEASUREMENT);
        registry.setThreshold(epoch, 2);
        registry.startEpoch(epoch);
        _anchor = Anchor(_address(".anchor"));
        vm.etch(address(_anchor), address(new Anchor(address(this), registry)).code);
        _gateway = Gateway(_address(".gateway"));
        vm.etch(address(_gateway), address(new Gateway(address(this), registry)).code);
        _registerAssets();
    }

    function test_leaf_equalsVectorWhenHashed() public view {
        for (uint64 i = 0; i < 3; ++i) {
            _same(Outbox.leaf(_message(i)), _bytes32(_at(".messages", i, ".leaf")), "leaf");
        }
    }

    function test_deposit_reachesVectorHeadsWhenReplayed() public {
        for (uint64 i = 0; i < 2; ++i) {
            Message memory message = _message(i);
            _same(_gateway.quoteFee(message.asset), message.fee, "fee");
            vm.warp(message.sentAtSec);
            vm.deal(message.sender, message.amount);
            vm.prank(message.sender);
            _gateway.deposit{value: message.amount}(
                message.asset,
                message.amount,
                message.fee,
                message.destination,
                message.refundTo,
                _envelope(i)
            );
            _same(_gateway.sentHead(), _bytes32(_at(".messages", i, ".head")), "sent head");
        }
    }

    function test_post_reachesVectorHeadWhenReplayed() public {
        test_deposit_reachesVectorHeadsWhenReplayed();
        Message memory message = _message(2);
        bytes[] memory envelopes = new bytes[](1);
        envelopes[0] = _envelope(2);
        vm.prank(address(0));
        _gateway.setPostFee(uint128(_uint(".postFee")));
        vm.warp(message.sentAtSec);
        vm.deal(message.sender, message.amount);
        vm.prank(message.sender);
        _gateway.post{value: message.amount}(envelopes);
        _same(_gateway.sentHead(), _bytes32(".messages[2].head"), "sent head");
    }

    function test_controlLeaf_equalsVectorWhenHashed() public view {
        for (uint64 i = 0; i < CONTROLS; ++i) {
            ControlMessage memory message = ControlMessage({
                version: ControlHash.VERSION,
                chainId: block.chainid,
                anchor: address(_anchor),
                index: i,
                sentAtSec: uint64(_uint(_at(".controls", i, ".sentAtSec"))),
                round: uint64(_uint(_at(".controls", i, ".round"))),
                kind: uint8(_uint(_at(".controls", i, ".kind"))),
                payloadHash: keccak256(_payload(i))
            });
            _same(ControlHash.leaf(message), _bytes32(_at(".controls", i, ".leaf")), "leaf");
        }
    }

    /// @dev A payload is what the function takes, but for the round that one of them names.
    function test_control_reachesVectorHeadsWhenReplayed() public {
        bytes4[8] memory functions = [
            bytes4(0),
            IControlBook.registerAsset.selector,
            IControlBook.setRate.selector,
            IControlBook.setReward.selector,
            IControlBook.suspend.selector,
            IControlBook.resume.selector,
            IControlBook.startEpoch.selector,
            IControlBook.nameSuccessor.selector
        ];
        for (uint64 i = 0; i < CONTROLS; ++i) {
            uint256 kind = _uint(_at(".controls", i, ".kind"));
            bytes memory round;
            if (kind == ControlHash.START_EPOCH) round = abi.encode(_uint(_at(".controls", i, ".round")));
            vm.warp(_uint(_at(".controls", i, ".sentAtSec")));
            vm.prank(address(0));
            (bool ok,) = address(_anchor).call(bytes.concat(functions[kind], _payload(i), round));
            _same(ok, true, "taken");
            _same(_anchor.controlHead(), _bytes32(_at(".controls", i, ".head")), "control head");
        }
        _same(_anchor.controlCount(), CONTROLS, "control count");
    }

    function test_commit_passesWhenVectorSigned() public {
        test_control_reachesVectorHeadsWhenReplayed();
        Commit memory commit_ = _commit(0);
        vm.warp(commit_.asOf);
        vm.prank(address(0));
        _anchor.initialize(commit_.prevState);
        _anchor.commit(commit_, vm.parseJsonBytesArray(_json, ".commits[0].signatures"));
        _same(_anchor.stateId(), commit_.postState, "state id");
        _same(_anchor.number(), commit_.number, "number");
    }

    function test_commitHash_equalsVectorWhenHashed() public view {
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 digest = _digest(address(_anchor), this.hashCommit(_commit(i)));
            _same(digest, _bytes32(_at(".commits", i, ".digest")), "digest");
        }
    }

    function test_releaseHash_equalsVectorWhenHashed() public view {
        for (uint256 i = 0; i < 3; ++i) {
            (bytes32 hash, bytes32 head) = this.hashBatch(_batch(i));
            _same(_digest(address(_gateway), hash), _bytes32(_at(".batches", i, ".digest")), "digest");
            _same(head, _bytes32(_at(".batches", i, ".headAfter")), "head");
        }
    }

    function test_release_passesWhenVectorSigned() public {
        test_deposit_reachesVectorHeadsWhenReplayed();
        for (uint256 i = 0; i < 3; ++i) {
            bytes[] memory signatures = vm.parseJsonBytesArray(_json, _at(".batches", i, ".signatures"));
            ReleaseBatch memory batch = _batch(i);
            vm.prank(batch.submitter);
            _gateway.release(batch, signatures);
            _same(_gateway.releasedHead(), _bytes32(_at(".batches", i, ".headAfter")), "released head");
            _same(_gateway.consumedCount(), i, "consumed count");
            _same(_gateway.releasedCount(), _uint(_at(".batches", i, ".countAfter")), "released count");
            for (uint256 j = 0; j < batch.releases.length; ++j) {
                _same(_gateway.claimOf(uint64(batch.firstIndex + j)).amount, 0, "put aside");
            }
        }
        _same(_gateway.isSpent(0), false, "message 0 refunded");
        _same(_gateway.isSpent(1), true, "message 1 refunded");
    }

    function test_constants_equalVectors() public view {
        _same(Outbox.MESSAGE_VERSION, _uint(".constants.messageVersion"), "message version");
        _same(Outbox.HEAD_INTERVAL, _uint(".constants.headInterval"), "head interval");
        _same(_gateway.MAX_ENVELOPE_BYTES(), _uint(".constants.maxEnvelopeBytes"), "envelope");
        _same(_gateway.MAX_BATCH_RELEASES(), _uint(".constants.maxBatchReleases"), "releases");
        _same(ControlHash.VERSION, _uint(".constants.controlVersion"), "control version");
        _same(_anchor.MAX_RUNGS(), _uint(".constants.maxRungs"), "rungs");
        _same(_anchor.MAX_RUNG(), _uint(".constants.maxRung"), "highest rung");
    }

    function hashCommit(Commit calldata commit_) external pure returns (bytes32) {
        return CommitHash.hash(commit_);
    }

    function hashBatch(ReleaseBatch calldata batch) external pure returns (bytes32, bytes32) {
        return ReleaseHash.hash(batch);
    }

    /// @dev Code without constructor has no owner, so the zero address is.
    function _registerAssets() private {
        bytes32 native = _bytes32(".messages[0].asset");
        bytes32 bridged = _bytes32(".batches[2].releases[1].asset");
        address token = address(new BridgedToken("Dot", "vDOT", 10, address(_gateway), bridged));
        vm.prank(address(0));
        _gateway.registerAsset(native, _config(address(0)));
        vm.prank(address(0));
        _gateway.registerAsset(bridged, _config(token));
    }

    function _config(address token) private view returns (IAssetBook.AssetConfig memory) {
        uint128 most = type(uint128).max;
        uint128 feeFlat = uint128(_uint(".feeFlat"));
        return IAssetBook.AssetConfig(token, most, most, feeFlat, 0);
    }

    function _message(uint64 index) private view returns (Message memory) {
        return Message({
            version: Outbox.MESSAGE_VERSION,
            chainId: block.chainid,
            gateway: address(_gateway),
            index: index,
            sentAtSec: uint64(_uint(_at(".messages", index, ".sentAtSec"))),
            sender: _address(_at(".messages", index, ".sender")),
            refundTo: _address(_at(".messages", index, ".refundTo")),
            asset: _bytes32(_at(".messages", index, ".asset")),
            amount: _uint(_at(".messages", index, ".amount")),
            fee: _uint(_at(".messages", index, ".fee")),
            destination: _uint(_at(".messages", index, ".destination")),
            envelopeHash: keccak256(_envelope(index))
        });
    }

    function _envelope(uint64 index) private view returns (bytes memory) {
        return vm.parseJsonBytes(_json, _at(".messages", index, ".envelope"));
    }

    function _payload(uint64 index) private view returns (bytes memory) {
        return vm.parseJsonBytes(_json, _at(".controls", index, ".payload"));
    }

    function _commit(uint256 index) private view returns (Commit memory) {
        string memory path = _at(".commits", index, "");
        // The first names two chains and has nothing paid, the second the other way round.
        return Commit({
            epoch: uint64(_uint(".epoch")),
            number: uint64(_uint(string.concat(path, ".number"))),
            round: uint64(_uint(string.concat(path, ".round"))),
            asOf: uint64(_uint(string.concat(path, ".asOf"))),
            prevState: _bytes32(string.concat(path, ".prevState")),
            postState: _bytes32(string.concat(path, ".postState")),
            inputs: _cursors(string.concat(path, ".inputs"), 2 - index),
            control: uint64(_uint(string.concat(path, ".control"))),
            paid: _cursors(string.concat(path, ".paid"), 2 * index),
            beneficiary: _bytes32(string.concat(path, ".beneficiary"))
        });
    }

    function _cursors(string memory path, uint256 count) private view returns (Cursor[] memory list) {
        list = new Cursor[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = Cursor({
                chainId: _uint(_at(path, i, ".chainId")), count: uint64(_uint(_at(path, i, ".count")))
            });
        }
    }

    function _batch(uint256 index) private view returns (ReleaseBatch memory) {
        return ReleaseBatch({
            chainId: block.chainid,
            gateway: address(_gateway),
            epoch: uint64(_uint(".epoch")),
            firstIndex: uint64(_uint(_at(".batches", index, ".firstIndex"))),
            prevHead: _bytes32(_at(".batches", index, ".prevHead")),
            releases: _releases(index),
            fees: _fees(index),
            consumedCount: uint64(_uint(_at(".batches", index, ".consumedCount"))),
            submitter: _address(".submitter")
        });
    }

    function _releases(uint256 batch) private view returns (Release[] memory list) {
        uint256[3] memory counts = [uint256(0), 1, 3];
        list = new Release[](counts[batch]);
        for (uint256 i = 0; i < list.length; ++i) {
            string memory path = _at(_at(".batches", batch, ".releases"), i, "");
            list[i] = Release({
                tag: _bytes32(string.concat(path, ".tag")),
                asset: _bytes32(string.concat(path, ".asset")),
                recipient: _address(string.concat(path, ".recipient")),
                amount: _uint(string.concat(path, ".amount")),
                refundOf: uint64(_uint(string.concat(path, ".refundOf")))
            });
        }
    }

    function _fees(uint256 batch) private view returns (Fee[] memory list) {
        list = new Fee[](batch);
        for (uint256 i = 0; i < list.length; ++i) {
            string memory path = _at(_at(".batches", batch, ".fees"), i, "");
            list[i] = Fee({
                asset: _bytes32(string.concat(path, ".asset")), amount: _uint(string.concat(path, ".amount"))
            });
        }
    }

    function _at(string memory list, uint256 index, string memory rest) private pure returns (string memory) {
        return string.concat(list, "[", vm.toString(index), "]", rest);
    }

    function _uint(string memory path) private view returns (uint256) {
        return vm.parseJsonUint(_json, path);
    }

    function _address(string memory path) private view returns (address) {
        return vm.parseJsonAddress(_json, path);
    }

    function _bytes32(string memory path) private view returns (bytes32) {
        return vm.parseJsonBytes32(_json, path);
    }
}
