// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IBridgedToken} from "./interfaces/IBridgedToken.sol";

/// @title An asset of another chain, minted and burnt by this chain's gateway, see IBridgedToken
contract BridgedToken is ERC20, IBridgedToken {
    /// @inheritdoc IBridgedToken
    address public immutable override gateway;
    /// @inheritdoc IBridgedToken
    bytes32 public immutable override asset;

    uint8 private immutable _decimals;

    modifier onlyGateway() {
        if (msg.sender != gateway) revert TokenCallerNotGateway(msg.sender);
        _;
    }

    /// @param name_ Name for wallets.
    /// @param symbol_ Symbol for wallets.
    /// @param decimals_ As on the asset's own chain: amounts carry over unchanged.
    /// @param gateway_ Who mints and burns.
    /// @param asset_ The asset the token stands for.
    constructor(string memory name_, string memory symbol_, uint8 decimals_, address gateway_, bytes32 asset_)
        ERC20(name_, symbol_)
    {
        _decimals = decimals_;
        gateway = gateway_;
        asset = asset_;
    }

    /// @inheritdoc IBridgedToken
    function mint(address to, uint256 amount) external override onlyGateway {
        _mint(to, amount);
    }

    /// @inheritdoc IBridgedToken
    function burn(address from, uint256 amount) external override onlyGateway {
        _burn(from, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return _decimals;
    }
}
