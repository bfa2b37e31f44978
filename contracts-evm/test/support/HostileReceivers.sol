// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IGateway} from "../../src/interfaces/IGateway.sol";

/// @title Uses up all gas it is given
contract GasBurner {
    uint256 private _sink;

    receive() external payable {
        while (true) ++_sink;
    }
}

/// @title Returns as many bytes as nearly all its gas pays for
contract ReturnBomb {
    receive() external payable {
        // Memory of n words costs 3 n + n² / 512 gas.
        uint256 words = Math.sqrt(gasleft() * 500) * 9 / 10 - 700;
        assembly {
            revert(0, mul(words, 32))
        }
    }
}

/// @title Takes the coin if it gets the gas that the gateway promises
contract ThriftyReceiver {
    uint256 private _received;

    receive() external payable {
        require(gasleft() > 90_000);
        _received += msg.value;
    }
}

/// @title Takes the coin with any gas, but knows whose it is only if it gets what the gateway promises
contract ForgetfulReceiver {
    uint256 public credited;

    receive() external payable {
        if (gasleft() > 90_000) credited += msg.value;
    }
}

/// @title Calls the gateway back while it is being paid
contract Reentrant {
    IGateway private immutable _gateway;
    bytes private _call;
    bytes public failure;

    constructor(IGateway gateway) {
        _gateway = gateway;
    }

    function setCall(bytes calldata call_) external {
        _call = call_;
    }

    receive() external payable {
        (bool ok, bytes memory returned) = address(_gateway).call(_call);
        require(!ok, "reentered");
        failure = returned;
    }
}
