// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {Anchor} from "../src/Anchor.sol";
import {PermanentOwner} from "../src/base/PermanentOwner.sol";
import {IAnchor} from "../src/interfaces/IAnchor.sol";
import {IEnclaveRegistry} from "../src/interfaces/IEnclaveRegistry.sol";
import {Commit, Cursor} from "../src/libraries/CommitHash.sol";
import {Quorum} from "./support/Quorum.sol";

contract AnchorTest is Quorum {
    bytes32 private constant GENESIS = keccak256("genesis");
    address private constant STRANGER = address(0x57A6E);

    Anchor private _anchor;

    function setUp() public {
        _admitQuorum();
        _anchor = new Anchor(address(this), registry);
        _anchor.initialize(GENESIS);
    }

    function test_initialize_revertsWhenDoneBefore() public {
        vm.expectRevert(abi.encodeWithSelector(IAnchor.AnchorAlreadyInitialized.selector));
        _anchor.initialize(keccak256("another"));
    }

    function test_initialize_revertsWhenStateIsZero() public {
        Anchor fresh = new Anchor(address(this), registry);
        vm.expectRevert(abi.encodeWithSelector(IAnchor.AnchorStateZero.selector));
        fresh.initialize(0);
    }

    function test_initialize_revertsWhenCallerIsNotOwner() public {
        Anchor fresh = new Anchor(address(this), registry);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER));
        vm.prank(STRANGER);
        fresh.initialize(GENESIS);
    }

    function test_commit_storesStateWhenNext() public {
        Commit memory next = _next();
        bytes[] memory signatures = _signatures(_commitDigest(address(_anchor), next));
        vm.expectEmit(true, true, true, true, address(_anchor));
        emit IAnchor.Committed(
            1,
            next.postState,
            GENESIS,
            next.round,
            next.asOf,
            next.inputs,
            next.control,
            next.paid,
            next.beneficiary
        );
        vm.prank(STRANGER);
        _anchor.commit(next, signatures);
        _same(_anchor.stateId(), next.postState, "state id");
        _same(_anchor.number(), 1, "number");
        _same(_anchor.idOf(0), GENESIS, "id of the genesis state");
        _same(_anchor.idOf(1), next.postState, "id of state 1");
        _same(_anchor.idOf(2), 0, "id of a state to come");
    }

    function test_commit_revertsWhenBeneficiaryIsZero() public {
        Commit memory next = _next();
        next.beneficiary = 0;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorBeneficiaryZero.selector));
    }

    function test_commit_skipsRoundsWhenSeveralAreConsumed() public {
        Commit memory next = _next();
        next.round = 1000;
        _commit(next);
        _same(_anchor.progress().round, 1000, "round");
        _commit(_next());
        _same(_anchor.progress().round, 1001, "next round");
    }

    function test_commit_revertsWhenRoundIsNotAscending() public {
        Commit memory next = _next();
        next.round = 0;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorRoundNotAscending.selector, 0, 0));
        _commit(_next());
        next = _next();
        next.round = 1;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorRoundNotAscending.selector, 1, 1));
    }

    function test_commit_passesWhenAsOfIsAnHourOldOrNow() public {
        Commit memory next = _next();
        next.asOf = uint64(block.timestamp - 1 hours);
        _commit(next);
        next = _next();
        next.asOf = uint64(block.timestamp);
        _commit(next);
        _same(_anchor.progress().asOf, block.timestamp, "as of");
    }

    function test_commit_revertsWhenAsOfIsOlderThanAnHour() public {
        Commit memory next = _next();
        next.asOf = uint64(block.timestamp - 1 hours - 1);
        _refuse(
            next, abi.encodeWithSelector(IAnchor.AnchorAsOfOutOfTime.selector, next.asOf, block.timestamp)
        );
    }

    function test_commit_revertsWhenAsOfIsToCome() public {
        Commit memory next = _next();
        next.asOf = uint64(block.timestamp + 1);
        _refuse(
            next, abi.encodeWithSelector(IAnchor.AnchorAsOfOutOfTime.selector, next.asOf, block.timestamp)
        );
        next.asOf = type(uint64).max;
        _refuse(
            next, abi.encodeWithSelector(IAnchor.AnchorAsOfOutOfTime.selector, next.asOf, block.timestamp)
        );
    }

    function test_commit_revertsWhenAsOfGoesBack() public {
        Commit memory next = _next();
        next.asOf = uint64(block.timestamp - 10);
        _commit(next);
        next = _next();
        next.asOf = uint64(block.timestamp - 11);
        _refuse(
            next,
            abi.encodeWithSelector(IAnchor.AnchorAsOfBackwards.selector, next.asOf, block.timestamp - 10)
        );
        next.asOf = uint64(block.timestamp - 10);
        _commit(next);
    }

    function test_commit_passesWhenControlIsWithinWhatWasSent() public {
        for (uint256 i = 0; i < 3; ++i) {
            _anchor.resume(1);
        }
        Commit memory next = _next();
        next.control = 2;
        _commit(next);
        next = _next();
        next.control = 2;
        _commit(next);
        next = _next();
        next.control = 3;
        _commit(next);
        _same(_anchor.progress().control, 3, "control");
    }

    function test_commit_revertsWhenControlIsGivenBackOrAboveCount() public {
        _anchor.resume(1);
        _anchor.resume(1);
        Commit memory next = _next();
        next.control = 3;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorControlOutOfRange.selector, 3, 0, 2));
        next.control = 2;
        _commit(next);
        next = _next();
        next.control = 1;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorControlOutOfRange.selector, 1, 2, 2));
    }

    function test_commit_revertsWhenLatestSuspensionIsNotConsumed() public {
        _anchor.resume(1);
        _anchor.suspend(1);
        _anchor.resume(2);
        _anchor.suspend(2);
        _anchor.resume(3);
        _same(_anchor.progress().suspendedThrough, 4, "suspended through");
        Commit memory next = _next();
        next.control = 3;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorControlOutOfRange.selector, 3, 4, 5));
        next.control = 4;
        _commit(next);
        next = _next();
        next.control = 5;
        _commit(next);
        _same(_anchor.progress().suspendedThrough, 4, "suspended through after commits");
    }

    function test_commit_revertsWhenPaidIsUnsorted() public {
        Commit memory next = _next();
        next.paid = new Cursor[](2);
        next.paid[0] = Cursor({chainId: 2, count: 1});
        next.paid[1] = Cursor({chainId: 1, count: 1});
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorCursorsNotAscending.selector, 2, 1));
        next.paid[1].chainId = 3;
        _commit(next);
    }

    function test_renounceOwnership_revertsAlways() public {
        vm.expectRevert(abi.encodeWithSelector(PermanentOwner.OwnerPermanent.selector));
        _anchor.renounceOwnership();
        _same(_anchor.owner(), address(this), "owner");
    }

    function test_commit_revertsWhenNotInitialized() public {
        _anchor = new Anchor(address(this), registry);
        _refuse(_next(), abi.encodeWithSelector(IAnchor.AnchorNotInitialized.selector));
    }

    function test_commit_revertsWhenPrevStateIsStale() public {
        _commit(_next());
        Commit memory stale = _next();
        stale.prevState = GENESIS;
        _refuse(stale, abi.encodeWithSelector(IAnchor.AnchorStaleState.selector, GENESIS, _anchor.stateId()));
    }

    function test_commit_revertsWhenRepeated() public {
        Commit memory next = _next();
        _commit(next);
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorWrongNumber.selector, 1, 2));
    }

    function test_commit_revertsWhenNumberIsSkipped() public {
        Commit memory next = _next();
        next.number = 2;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorWrongNumber.selector, 2, 1));
    }

    function test_commit_revertsWhenPostStateIsZero() public {
        Commit memory next = _next();
        next.postState = 0;
        _refuse(next, abi.encodeWithSelector(IAnchor.AnchorStateZero.selector));
    }

    function test_commit_revertsWhenCursorsAreUnsorted() public {
        Commit memory next = _next();
        next.inputs[1].chainId = next.inputs[0].chainId;
        _refuse(
            next,
            abi.encodeWithSelector(
                IAnchor.AnchorCursorsNotAscending.selector, next.inputs[0].chainId, next.inputs[0].chainId
            )
        );
    }

    function test_commit_revertsWhenEpochIsWrong() public {
        Commit memory next = _next();
        next.epoch = 2;
        _refuse(next, abi.encodeWithSelector(IEnclaveRegistry.RegistryWrongEpoch.selector, 2, 1));
    }

    function test_commit_revertsWhenSignedForAnotherAnchor() public {
        Commit memory next = _next();
        bytes[] memory signatures = _signatures(_commitDigest(address(this), next));
        vm.expectRevert();
        _anchor.commit(next, signatures);
    }

    function testFuzz_commit_revertsWhenAnyMemberIsAltered(uint8 member, bytes32 other) public {
        Commit memory next = _next();
        bytes[] memory signatures = _signatures(_commitDigest(address(_anchor), next));
        bytes32 digest = _commitDigest(address(_anchor), next);
        _alter(next, member, other);
        vm.assume(_commitDigest(address(_anchor), next) != digest);
        vm.expectRevert();
        _anchor.commit(next, signatures);
    }

    function testFuzz_commit_chainsWhenMany(bytes32[4] calldata states) public {
        for (uint64 i = 0; i < 4; ++i) {
            vm.assume(states[i] != 0);
            Commit memory next = _next();
            next.postState = states[i];
            _commit(next);
            _same(_anchor.number(), i + 1, "number");
            _same(_anchor.stateId(), states[i], "state id");
        }
    }

    function _alter(Commit memory commit, uint8 member, bytes32 other) private pure {
        uint256 which = member % 10;
        if (which == 0) commit.epoch = uint64(uint256(other));
        else if (which == 1) commit.number = uint64(uint256(other));
        else if (which == 2) commit.prevState = other;
        else if (which == 3) commit.postState = other;
        else if (which == 4) commit.inputs[1].count = uint64(uint256(other));
        else if (which == 5) commit.beneficiary = other;
        else if (which == 6) commit.round = uint64(uint256(other));
        else if (which == 7) commit.asOf = uint64(uint256(other));
        else if (which == 8) commit.control = uint64(uint256(other));
        else commit.paid = commit.inputs;
    }

    function _next() private view returns (Commit memory) {
        Cursor[] memory inputs = new Cursor[](2);
        inputs[0] = Cursor({chainId: 31337, count: 3});
        inputs[1] = Cursor({chainId: 420420499, count: 5});
        uint64 number = _anchor.number() + 1;
        return Commit({
            epoch: EPOCH,
            number: number,
            round: _anchor.progress().round + 1,
            asOf: uint64(block.timestamp),
            prevState: _anchor.stateId(),
            postState: keccak256(abi.encode("state", number)),
            inputs: inputs,
            control: _anchor.progress().control,
            paid: new Cursor[](0),
            beneficiary: bytes32(uint256(0xBEEF))
        });
    }

    function _commit(Commit memory commit) private {
        _anchor.commit(commit, _signatures(_commitDigest(address(_anchor), commit)));
    }

    function _refuse(Commit memory commit, bytes memory failure) private {
        bytes[] memory signatures = _signatures(_commitDigest(address(_anchor), commit));
        vm.expectRevert(failure);
        _anchor.commit(commit, signatures);
    }
}
