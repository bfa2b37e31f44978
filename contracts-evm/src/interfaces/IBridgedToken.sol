// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title An asset of another chain, minted and burnt by this chain's gateway
interface IBridgedToken {
    /// @notice Only the gateway mints and burns.
    error TokenCallerNotGateway(address caller);

    /// @notice Creates `amount` for `to`. Gateway only.
    /// @param to Who receives it.
    /// @param amount In the token's smallest unit.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys `amount` of `from`, who asked the gateway for it; no allowance is needed. Gateway only.
    /// @param from Whose tokens are destroyed.
    /// @param amount In the token's smallest unit.
    function burn(address from, uint256 amount) external;

    /// @notice The gateway that mints and burns.
    function gateway() external view returns (address);

    /// @notice The asset that the token stands for.
    function asset() external view returns (bytes32);
}
