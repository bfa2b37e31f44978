// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {Anchor} from "../src/Anchor.sol";
import {IControlBook} from "../src/interfaces/IControlBook.sol";
import {Commit, Cursor} from "../src/libraries/CommitHash.sol";
import {Quorum} from "./support/Quorum.sol";

contract ControlBookTest is Quorum {
    bytes32 private constant ASSET = keccak256("asset");
    address private constant STRANGER = address(0x57A6E);

    Anchor private _anchor;

    function setUp() public {
        _admitQuorum();
        _anchor = new Anchor(address(this), registry);
    }

    function test_registerAsset_sendsTerms() public {
        uint8[] memory rungs = _rungs(3, 7);
        _expect(1, 0, abi.encode(ASSET, uint128(5), rungs, uint128(6), uint128(7)));
        _anchor.registerAsset(ASSET, 5, rungs, 6, 7);
    }

    function test_setRate_sendsRate() public {
        _expect(2, 0, abi.encode(ASSET, uint64(8), uint128(9)));
        _anchor.setRate(ASSET, 8, 9);
    }

    function test_setReward_sendsReward() public {
        _expect(3, 0, abi.encode(ASSET, uint128(9)));
        _anchor.setReward(ASSET, 9);
    }

    function test_suspend_namesFirstRoundThatIsNotCommitted() public {
        _expect(4, 1, abi.encode(uint64(8)));
        _anchor.suspend(8);
        _commitRound(41);
        _expect(4, 42, abi.encode(uint64(9)));
        _anchor.suspend(9);
    }

    function test_resume_sendsChain() public {
        _commitRound(41);
        _expect(5, 0, abi.encode(uint64(8)));
        _anchor.resume(8);
    }

    function test_startEpoch_namesItsRound() public {
        _expect(6, 77, abi.encode(uint64(2)));
        _anchor.startEpoch(2, 77);
    }

    function test_nameSuccessor_sendsMeasurement() public {
        _expect(7, 0, abi.encode(MEASUREMENT));
        _anchor.nameSuccessor(MEASUREMENT);
    }

    function test_multicall_sendsAllInOneTransactionWhenCallerIsOwner() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IControlBook.setReward, (ASSET, 1));
        calls[1] = abi.encodeCall(IControlBook.setRate, (ASSET, 2, 3));
        _anchor.multicall(calls);
        _same(_anchor.controlCount(), 2, "control count");
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER));
        vm.prank(STRANGER);
        _anchor.multicall(calls);
    }

    function testFuzz_control_replaysToHeadWhenMany(uint64[5] calldata rounds) public {
        bytes32 head;
        for (uint64 i = 0; i < 5; ++i) {
            vm.warp(block.timestamp + 1);
            head = _headAfter(head, i, 6, rounds[i], abi.encode(i + 1));
            _anchor.startEpoch(i + 1, rounds[i]);
            _same(_anchor.controlHead(), head, "control head");
            _same(_anchor.controlCount(), i + 1, "control count");
        }
    }

    function test_control_revertsWhenCallerIsNotOwner() public {
        bytes[7] memory calls = [
            abi.encodeCall(IControlBook.registerAsset, (ASSET, 1, _rungs(0, 1), 1, 1)),
            abi.encodeCall(IControlBook.setRate, (ASSET, 1, 1)),
            abi.encodeCall(IControlBook.setReward, (ASSET, 1)),
            abi.encodeCall(IControlBook.suspend, (1)),
            abi.encodeCall(IControlBook.resume, (1)),
            abi.encodeCall(IControlBook.startEpoch, (1, 1)),
            abi.encodeCall(IControlBook.nameSuccessor, (MEASUREMENT))
        ];
        bytes memory expected = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool ok, bytes memory failure) = address(_anchor).call(calls[i]);
            _same(ok, false, "accepted");
            _same(keccak256(failure), keccak256(expected), "failure");
        }
        _same(_anchor.controlCount(), 0, "control count");
    }

    function test_control_revertsWhenArgumentIsZero() public {
        _refuseZero("asset", abi.encodeCall(IControlBook.registerAsset, (0, 1, _rungs(0, 1), 1, 1)));
        _refuseZero("poolUnit", abi.encodeCall(IControlBook.registerAsset, (ASSET, 0, _rungs(0, 1), 1, 1)));
        _refuseZero("asset", abi.encodeCall(IControlBook.setRate, (0, 1, 1)));
        _refuseZero("chainId", abi.encodeCall(IControlBook.setRate, (ASSET, 0, 1)));
        _refuseZero("asset", abi.encodeCall(IControlBook.setReward, (0, 1)));
        _refuseZero("chainId", abi.encodeCall(IControlBook.suspend, (0)));
        _refuseZero("chainId", abi.encodeCall(IControlBook.resume, (0)));
        _refuseZero("epoch", abi.encodeCall(IControlBook.startEpoch, (0, 1)));
        _refuseZero("measurement", abi.encodeCall(IControlBook.nameSuccessor, (0)));
    }

    function test_registerAsset_revertsWhenRungsAreNoneOrTooMany() public {
        _refuseRungs(1, _rungs(0, 0));
        _refuseRungs(1, _rungs(0, 8));
        _anchor.registerAsset(ASSET, 1, _rungs(0, 7), 1, 1);
    }

    function test_registerAsset_revertsWhenRungsAreNotAscending() public {
        uint8[] memory rungs = _rungs(3, 3);
        rungs[2] = rungs[1];
        _refuseRungs(1, rungs);
        rungs[2] = 3;
        _refuseRungs(1, rungs);
    }

    function test_registerAsset_revertsWhenRungIsTooHigh() public {
        _refuseRungs(1, _rungs(114, 1));
        _refuseRungs(1, _rungs(255, 1));
        _anchor.registerAsset(ASSET, 1, _rungs(113, 1), 1, 1);
    }

    function test_registerAsset_revertsWhenAmountExceeds128Bits() public {
        uint128 most = type(uint128).max;
        uint8[3] memory digits = [1, 2, 5];
        for (uint8 i = 0; i < 3; ++i) {
            // Of the second power of ten.
            uint128 largest = most / 100 / digits[i];
            _anchor.registerAsset(ASSET, largest, _rungs(6 + i, 1), 1, 1);
            _refuseRungs(largest + 1, _rungs(6 + i, 1));
        }
        _anchor.registerAsset(ASSET, most, _rungs(0, 1), 1, 1);
        _refuseRungs(most, _rungs(113, 1));
    }

    /// @dev The next message of the outbox.
    function _expect(uint8 kind, uint64 round, bytes memory payload) private {
        uint64 index = _anchor.controlCount();
        bytes32 head = _headAfter(_anchor.controlHead(), index, kind, round, payload);
        vm.expectEmit(true, true, true, true, address(_anchor));
        emit IControlBook.ControlSent(index, kind, round, uint64(block.timestamp), payload, head);
    }

    function _refuseZero(bytes32 name, bytes memory call) private {
        (bool ok, bytes memory failure) = address(_anchor).call(call);
        _same(ok, false, "accepted");
        bytes memory expected = abi.encodeWithSelector(IControlBook.AnchorArgumentZero.selector, name);
        _same(keccak256(failure), keccak256(expected), "failure");
    }

    function _refuseRungs(uint128 poolUnit, uint8[] memory rungs) private {
        vm.expectRevert(abi.encodeWithSelector(IControlBook.AnchorWrongRungs.selector, poolUnit, rungs));
        _anchor.registerAsset(ASSET, poolUnit, rungs, 1, 1);
    }

    function _rungs(uint8 first, uint8 count) private pure returns (uint8[] memory list) {
        list = new uint8[](count);
        for (uint8 i = 0; i < count; ++i) {
            list[i] = first + i;
        }
    }

    function _commitRound(uint64 round) private {
        _anchor.initialize(keccak256("genesis"));
        Commit memory commit = Commit({
            epoch: EPOCH,
            number: 1,
            round: round,
            asOf: uint64(block.timestamp),
            prevState: keccak256("genesis"),
            postState: keccak256("state 1"),
            inputs: new Cursor[](0),
            control: _anchor.controlCount(),
            paid: new Cursor[](0),
            beneficiary: keccak256("account")
        });
        _anchor.commit(commit, _signatures(_commitDigest(address(_anchor), commit)));
    }

    function _headAfter(bytes32 head, uint64 index, uint8 kind, uint64 round, bytes memory payload)
        private
        view
        returns (bytes32)
    {
        bytes32 leaf = keccak256(
            abi.encode(
                1, block.chainid, address(_anchor), index, block.timestamp, round, kind, keccak256(payload)
            )
        );
        return keccak256(abi.encode(head, leaf));
    }
}
