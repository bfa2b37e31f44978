// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {DemoToken} from "../../src/devnet/DemoToken.sol";
import {IBridgedToken} from "../../src/interfaces/IBridgedToken.sol";

/// @title Keeps one hundredth of every transfer
contract FeeTakingToken is DemoToken {
    constructor() DemoToken("Taking", "TAKE", 18) {}

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value / 100);
    }
}

/// @title Refuses transfers in one of the ways that tokens do, once told to
contract BlockingToken is DemoToken {
    error Blocked();

    bool public returnsFalse;
    bool public reverts;

    constructor() DemoToken("Blocking", "BLOCK", 18) {}

    function setReturnsFalse(bool returnsFalse_) external {
        returnsFalse = returnsFalse_;
    }

    function setReverts(bool reverts_) external {
        reverts = reverts_;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (reverts) revert Blocked();
        if (returnsFalse) return false;
        return super.transfer(to, value);
    }
}

/// @title Returns nothing from `transfer` and `transferFrom`, as some old tokens do
contract SilentToken {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
    }

    function transfer(address to, uint256 value) external {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
    }

    function transferFrom(address from, address to, uint256 value) external {
        balanceOf[from] -= value;
        balanceOf[to] += value;
    }
}

/// @title Has code but answers nothing, as what is no token does
contract Mute {
    fallback() external {}
}

/// @title Moves some multiple of what it is told to, and may deny it
contract InexactToken is DemoToken {
    uint256 public percent = 100;
    bool public deniesIt;

    constructor() DemoToken("Inexact", "INEX", 18) {}

    function setPercent(uint256 percent_) external {
        percent = percent_;
    }

    function setDeniesIt(bool deniesIt_) external {
        deniesIt = deniesIt_;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        super.transfer(to, value * percent / 100);
        return !deniesIt;
    }
}

/// @title Tells its recipients that they are paid, with all the gas that it has
contract NotifyingToken is DemoToken {
    constructor() DemoToken("Notifying", "NOTE", 18) {}

    function transfer(address to, uint256 value) public override returns (bool) {
        super.transfer(to, value);
        (bool ok,) = to.call("");
        require(ok, "refused");
        return true;
    }
}

/// @title Moves nothing unless it gets most of the gas that the gateway promises a token
contract ThirstyToken is DemoToken {
    constructor() DemoToken("Thirsty", "THIRST", 18) {}

    function transfer(address to, uint256 value) public override returns (bool) {
        return gasleft() > 170_000 && super.transfer(to, value);
    }
}

/// @title Burns all gas when it is asked for a balance, once told to
contract BurningBalanceToken is DemoToken {
    bool public burns;

    constructor() DemoToken("Burning", "BURN", 18) {}

    function setBurns(bool burns_) external {
        burns = burns_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        while (burns) {}
        return super.balanceOf(account);
    }
}

/// @title Says that it is a gateway's, and mints and burns a share of what it is told to
contract LyingBridgedToken is ERC20, IBridgedToken {
    address public immutable gateway;
    bytes32 public immutable asset;
    uint256 public percent = 100;

    constructor(address gateway_, bytes32 asset_) ERC20("Lying", "LIE") {
        gateway = gateway_;
        asset = asset_;
    }

    function setPercent(uint256 percent_) external {
        percent = percent_;
    }

    function mint(address to, uint256 amount) public virtual {
        _mint(to, amount * percent / 100);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount * percent / 100);
    }
}

/// @title Says that five units exist once it has minted, and all that can be once it was told to boast
contract BoastingBridgedToken is LyingBridgedToken {
    bool private _armed;
    uint256 private _said;

    constructor(address gateway_, bytes32 asset_) LyingBridgedToken(gateway_, asset_) {}

    function arm() external {
        _armed = true;
        _said = 0;
    }

    function mint(address, uint256) public override {
        _said = _armed ? type(uint256).max : 5;
    }

    function totalSupply() public view override returns (uint256) {
        return _said;
    }
}

/// @title Answers that it holds nothing once it was told to pay, whatever it held before
contract VanishingToken is DemoToken {
    bool private _armed;
    bool private _vanished;

    constructor() DemoToken("Vanishing", "GONE", 18) {}

    function arm() external {
        _armed = true;
    }

    function transfer(address, uint256) public override returns (bool) {
        _vanished = true;
        return true;
    }

    /// @dev All the units there are, before it pays and once it is armed; none after.
    function balanceOf(address account) public view override returns (uint256) {
        if (!_armed) return super.balanceOf(account);
        return _vanished ? 0 : type(uint256).max;
    }
}
