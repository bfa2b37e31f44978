// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGateway} from "../src/interfaces/IGateway.sol";
import {ReleaseBatch} from "../src/libraries/ReleaseHash.sol";
import {GatewayTest} from "./support/GatewayTest.sol";
import {Reentrant} from "./support/HostileReceivers.sol";
import {NotifyingToken} from "./support/HostileTokens.sol";

/// @dev Payouts are booked by what has moved, after it has. Whoever is paid must therefore reach none of the functions that
/// change the books: a deposit made meanwhile would count as money that was not paid, and be owed twice.
contract GatewayReentryTest is GatewayTest {
    bytes4 private constant GUARD = bytes4(keccak256("ReentrancyGuardReentrantCall()"));

    Reentrant private _thief;

    function setUp() public override {
        super.setUp();
        _thief = new Reentrant(gateway);
        _deposit(nativeAsset, 100 ether);
    }

    function test_release_isNotReenteredWhenItPaysCoin() public {
        bytes[5] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; ++i) {
            _thief.setCall(calls[i]);
            _release(nativeAsset, address(_thief), 1 ether);
            _wasGuarded(i + 1);
        }
    }

    function test_claim_isNotReenteredWhenItPaysCoin() public {
        bytes[5] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; ++i) {
            uint64 index = _putAside();
            _thief.setCall(calls[i]);
            gateway.claim(index);
            _wasGuarded(i + 1);
        }
    }

    function test_claimTo_isNotReenteredWhenItPaysCoin() public {
        bytes[5] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; ++i) {
            uint64 index = _putAside();
            _thief.setCall(calls[i]);
            vm.prank(address(_thief));
            gateway.claimTo(index, address(_thief));
            _wasGuarded(i + 1);
        }
    }

    function test_claimFees_isNotReenteredWhenItPaysCoin() public {
        bytes[5] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; ++i) {
            gateway.pause(nativeAsset);
            ReleaseBatch memory batch = _batch(_one(mintedAsset, BOB, 1), _oneFee(nativeAsset, 1 ether));
            batch.submitter = address(_thief);
            bytes[] memory signatures = _signatures(_batchDigest(batch));
            vm.prank(address(_thief));
            gateway.release(batch, signatures);
            gateway.unpause(nativeAsset);
            _thief.setCall(calls[i]);
            vm.prank(address(_thief));
            gateway.claimFees(nativeAsset, address(_thief));
            _wasGuarded(i + 1);
        }
    }

    function test_release_isNotReenteredWhenTokenTellsItsRecipient() public {
        NotifyingToken token = new NotifyingToken();
        bytes32 asset = _register(address(token));
        token.mint(ALICE, 20 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 20 ether);
        _deposit(asset, 20 ether);
        bytes[5] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; ++i) {
            _thief.setCall(calls[i]);
            _release(asset, address(_thief), 1 ether);
            _same(token.balanceOf(address(_thief)), (i + 1) * 1 ether, "balance");
            _same(bytes32(_thief.failure()), bytes32(GUARD), "failure");
        }
    }

    /// @dev What the recipient gives back while it is paid was not paid: it stays owed, and the books stay even.
    function test_release_keepsBooksEvenWhenRecipientGivesBack() public {
        NotifyingToken token = new NotifyingToken();
        bytes32 asset = _register(address(token));
        token.mint(ALICE, 20 ether);
        vm.prank(ALICE);
        token.approve(address(gateway), 20 ether);
        _deposit(asset, 20 ether);
        Returning returning = new Returning(token, address(gateway));
        _release(asset, address(returning), 10 ether);
        _same(gateway.claimOf(0).amount, 6 ether, "claim");
        _same(_outstanding(asset), 16 ether, "outstanding");
        _same(token.balanceOf(address(gateway)), 16 ether, "held");
    }

    /// @dev All that changes the books, in turn.
    function _calls() private view returns (bytes[5] memory) {
        bytes[] memory none = new bytes[](0);
        return [
            abi.encodeCall(IGateway.deposit, (lockedAsset, 1 ether, 1 ether, REMOTE, BOB, hex"00")),
            abi.encodeCall(IGateway.release, (_batch(_one(nativeAsset, BOB, 1), _noFees()), none)),
            abi.encodeCall(IGateway.claim, (0)),
            abi.encodeCall(IGateway.claimTo, (0, BOB)),
            abi.encodeCall(IGateway.claimFees, (nativeAsset, BOB))
        ];
    }

    function _putAside() private returns (uint64 index) {
        index = gateway.releasedCount();
        gateway.pause(nativeAsset);
        _release(nativeAsset, address(_thief), 1 ether);
        gateway.unpause(nativeAsset);
    }

    function _wasGuarded(uint256 payouts) private view {
        _same(address(_thief).balance, payouts * 1 ether, "balance");
        _same(bytes32(_thief.failure()), bytes32(GUARD), "failure");
    }
}

/// @title Gives six tenths of ten back as soon as it is paid
contract Returning {
    NotifyingToken private immutable _token;
    address private immutable _from;
    bool private _done;

    constructor(NotifyingToken token, address from) {
        _token = token;
        _from = from;
    }

    receive() external payable {
        if (_done) return;
        _done = true;
        // By `transferFrom`, which tells nobody: the gateway takes no calls of its own accord.
        _token.approve(address(this), 6 ether);
        _token.transferFrom(address(this), _from, 6 ether);
    }
}
