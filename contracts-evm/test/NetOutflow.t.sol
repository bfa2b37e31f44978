// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NetOutflow, Outflow} from "../src/libraries/NetOutflow.sol";
import {TestBase} from "./support/TestBase.sol";

contract NetOutflowTest is TestBase {
    using NetOutflow for Outflow;

    uint256 private constant WINDOW = NetOutflow.WINDOW_SEC;

    Outflow private _outflow;
    /// @dev Never given a limit before the test does.
    Outflow private _other;

    function setUp() public {
        vm.warp(1_900_000_000);
        _outflow.setLimit(1000);
    }

    function test_available_isTheLimitWhenNothingMoved() public view {
        _same(_outflow.available(), 1000, "available");
    }

    function test_available_isZeroWhenLimitWasNeverSet() public {
        _same(_other.available(), 0, "available");
        _other.addInflow(5);
        _same(_other.available(), 0, "available after inflow");
    }

    function test_addOutflow_usesRoomAndDecays() public {
        _outflow.addOutflow(1000);
        _same(_outflow.available(), 0, "at once");
        _wait(WINDOW / 4);
        _same(_outflow.available(), 250, "after a quarter");
        _wait(WINDOW);
        _same(_outflow.available(), 1000, "after more than all");
    }

    function test_addInflow_givesRoomUpToTheLimitAndDecays() public {
        _outflow.addInflow(400);
        _same(_outflow.available(), 1400, "at once");
        _outflow.addInflow(5000);
        _same(_outflow.available(), 2000, "at most twice the limit");
        _wait(WINDOW / 2);
        _same(_outflow.available(), 1500, "after half");
        _wait(WINDOW);
        _same(_outflow.available(), 1000, "after more than all");
    }

    function test_addOutflow_leavesNothingWhenMoreThanAvailable() public {
        _outflow.addOutflow(type(uint256).max);
        _same(_outflow.available(), 0, "available");
        _wait(WINDOW);
        _same(_outflow.available(), 1000, "after a window");
    }

    function test_setLimit_cutsWhatIsUsedWhenLowered() public {
        _outflow.addOutflow(900);
        _outflow.setLimit(100);
        _same(_outflow.available(), 0, "at once");
        _wait(WINDOW / 2);
        _same(_outflow.available(), 50, "after half");
    }

    function test_setLimit_cutsCreditWhenLowered() public {
        _outflow.addInflow(900);
        _outflow.setLimit(100);
        _same(_outflow.available(), 200, "at once");
    }

    function test_setLimit_keepsWhatIsUsedWhenRaised() public {
        _outflow.addOutflow(1000);
        _wait(WINDOW / 2);
        _outflow.setLimit(5000);
        _same(_outflow.available(), 4500, "what decayed so far did so at the old rate");
    }

    function test_setLimit_letsNothingLeaveWhenZero() public {
        _outflow.addInflow(500);
        _outflow.setLimit(0);
        _same(_outflow.available(), 0, "at once");
        _wait(10 * WINDOW);
        _outflow.addInflow(500);
        _same(_outflow.available(), 0, "later");
    }

    /// @dev A second's share of a small limit is less than one: rounding it away at each call would stop all decay.
    function test_available_decaysHoweverOftenItIsBroughtUpToDate() public {
        _outflow.setLimit(7);
        _outflow.addOutflow(7);
        for (uint256 i = 0; i < WINDOW; ++i) {
            _wait(1);
            _outflow.addOutflow(0);
        }
        _same(_outflow.available(), 7, "available");
    }

    function testFuzz_available_isTheSameHoweverTimeIsCut(
        uint128 limit,
        uint256 amount,
        uint16[5] calldata waits
    ) public {
        _other.setLimit(limit);
        _outflow.setLimit(limit);
        amount = _within(amount, 0, limit);
        _other.addOutflow(amount);
        _outflow.addOutflow(amount);
        for (uint256 i = 0; i < 5; ++i) {
            _wait(waits[i]);
            _outflow.addInflow(0);
            _outflow.setLimit(limit);
        }
        _same(_outflow.available(), _other.available(), "available");
    }

    /// @dev Whatever the order, what left less what came in stays below the bound over any time.
    function testFuzz_netOutflow_isBoundedOverAnyTime(
        uint128 limit,
        uint256[12] calldata amounts,
        uint16[12] calldata waits
    ) public {
        _outflow.setLimit(limit);
        int256[13] memory net;
        uint256[13] memory atSec;
        atSec[0] = block.timestamp;
        for (uint256 i = 0; i < 12; ++i) {
            _wait(waits[i] % 3000);
            net[i + 1] = net[i] + _moveSome(amounts[i]);
            atSec[i + 1] = block.timestamp;
            for (uint256 j = 0; j <= i; ++j) {
                uint256 most = 2 * uint256(limit) + uint256(limit) * (block.timestamp - atSec[j]) / WINDOW;
                int256 left = net[i + 1] - net[j];
                if (left > 0) _atMost(uint256(left), most, "net outflow");
            }
        }
    }

    /// @dev Takes all that is available every other time, else puts any amount in or takes part of what is available.
    function _moveSome(uint256 amount) private returns (int256) {
        uint256 available = _outflow.available();
        if (amount % 4 == 0) {
            uint256 inflow = _within(amount, 0, 2 * uint256(_outflow.limit));
            _outflow.addInflow(inflow);
            return -int256(inflow);
        }
        uint256 outflow = amount % 2 == 0 ? available : _within(amount, 0, available);
        _outflow.addOutflow(outflow);
        return int256(outflow);
    }

    function _wait(uint256 timeSec) private {
        vm.warp(block.timestamp + timeSec);
    }
}
