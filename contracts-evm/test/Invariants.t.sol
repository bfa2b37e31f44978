// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GatewayHandler} from "./support/GatewayHandler.sol";
import {GatewayTest} from "./support/GatewayTest.sol";

contract InvariantsTest is GatewayTest {
    /// @dev No more than a careless quorum signs away in one release.
    uint128 private constant WINDOW_LIMIT = 2e24;

    GatewayHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new GatewayHandler(
            gateway,
            [nativeAsset, lockedAsset, mintedAsset],
            [address(0), address(locked), address(minted)],
            keys
        );
        for (uint256 i = 0; i < 3; ++i) {
            gateway.setFee(_handler.assets(i), 1);
            gateway.setLeastCredit(_handler.assets(i), 999);
            gateway.setCap(_handler.assets(i), type(uint128).max);
            gateway.setWindowLimit(_handler.assets(i), WINDOW_LIMIT);
        }
        gateway.transferOwnership(address(_handler));
        vm.prank(address(_handler));
        gateway.acceptOwnership();
        locked.mint(address(_handler), 1e27);
        vm.prank(address(_handler));
        locked.approve(address(gateway), type(uint256).max);
    }

    /// @dev Foundry calls nothing else.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(_handler);
    }

    function invariant_paidOutNeverExceedsDeposits() public view {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 paid = _handler.paidOf(i);
            uint256 deposited = _handler.depositedOf(i);
            if (paid > deposited) revert Unequal("paid out", bytes32(paid), bytes32(deposited));
            _same(_outstanding(_handler.assets(i)), deposited - paid, "outstanding");
        }
        _same(address(gateway).balance, _outstanding(nativeAsset), "coin held");
        _same(locked.balanceOf(address(gateway)), _outstanding(lockedAsset), "tokens held");
    }

    function invariant_mintedLessBurntIsTheSupply() public view {
        _same(minted.totalSupply(), _handler.paidOf(2) - _handler.depositedOf(2), "supply");
        _same(minted.totalSupply(), _outstanding(mintedAsset), "outstanding");
    }

    function invariant_headsReplay() public view {
        _same(gateway.sentHead(), _handler.sentHead(), "sent head");
        _same(gateway.sentCount(), _handler.sentCount(), "sent count");
        _same(gateway.releasedHead(), _handler.releasedHead(), "released head");
        _same(gateway.releasedCount(), _handler.releasedCount(), "released count");
        _same(gateway.consumedCount(), _handler.consumedCount(), "consumed count");
    }

    function invariant_everyReleaseIsPaidOrOwedAndNoMore() public view {
        for (uint64 i = 0; i < gateway.releasedCount(); ++i) {
            _same(
                _handler.paidOfRelease(i) + gateway.claimOf(i).amount, _handler.amountOf(i), "paid and owed"
            );
        }
    }

    function invariant_noMessageIsRefundedTwice() public view {
        for (uint64 i = 0; i < gateway.sentCount(); ++i) {
            uint256 refunds = _handler.refundsOf(i);
            _atMost(refunds, 1, "refunds");
            _same(gateway.isSpent(i), refunds == 1, "spent");
        }
    }

    function invariant_netOutflowIsBoundedOverAnyTime() public view {
        uint256 count = _handler.flowCount();
        if (count == 0) return;
        GatewayHandler.Flow memory last = _handler.flowAt(count - 1);
        for (uint256 i = 0; i < count; ++i) {
            GatewayHandler.Flow memory flow = _handler.flowAt(i);
            uint256 most =
                2 * uint256(WINDOW_LIMIT) + WINDOW_LIMIT * (last.atSec - flow.atSec) / gateway.WINDOW_SEC();
            for (uint256 j = 0; j < 3; ++j) {
                int256 left = last.net[j] - flow.net[j];
                if (left > 0) _atMost(uint256(left), most, "net outflow");
            }
        }
    }

    function invariant_availableIsAtMostTwiceTheLimit() public view {
        for (uint256 i = 0; i < 3; ++i) {
            _atMost(
                gateway.assetOf(_handler.assets(i)).windowAvailable, 2 * uint256(WINDOW_LIMIT), "available"
            );
        }
    }
}
