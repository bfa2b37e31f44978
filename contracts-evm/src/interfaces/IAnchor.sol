// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Commit, Cursor} from "../libraries/CommitHash.sol";

/// @title The ledger's state id and the log of its commits
/// @notice A commit is taken only on the state id that is stored, so the ledger has one history.
interface IAnchor {
    /// @notice The ledger starts from this state id.
    event Initialized(bytes32 indexed genesisState);
    /// @notice The ledger has made transition `number`.
    event Committed(
        uint64 indexed number,
        bytes32 indexed postState,
        bytes32 prevState,
        uint64 round,
        uint64 asOf,
        Cursor[] inputs,
        uint64 control,
        Cursor[] paid,
        bytes32 beneficiary
    );

    /// @notice The genesis state was set before.
    error AnchorAlreadyInitialized();
    /// @notice The genesis state has not been set yet.
    error AnchorNotInitialized();
    /// @notice A state id is never zero.
    error AnchorStateZero();
    /// @notice The commit is not the next one.
    error AnchorWrongNumber(uint64 number, uint64 expected);
    /// @notice The commit starts from another state than the stored one.
    error AnchorStaleState(bytes32 prevState, bytes32 expected);
    /// @notice Cursors must be in strictly ascending order of chain id.
    error AnchorCursorsNotAscending(uint256 previous, uint256 chainId);
    /// @notice Somebody must get the commit's share of the fees.
    error AnchorBeneficiaryZero();
    /// @notice `round`, `asOf`, `control` and the length of `paid` must be zero until a rule reads them.
    error AnchorReservedFieldSet(uint64 round, uint64 asOf, uint64 control, uint256 paid);

    /// @notice Sets the state id of transition 0, once. Owner only.
    /// @param genesisState The ledger's state id before any transition.
    function initialize(bytes32 genesisState) external;

    /// @notice Records the next transition. Anyone may submit it.
    /// @param commit_ The transition; its `prevState` must be the stored state id.
    /// @param signatures A quorum over its EIP-712 digest, by ascending signer address.
    function commit(Commit calldata commit_, bytes[] calldata signatures) external;

    /// @notice The ledger's state id after the last commit. Storage slot 0.
    function stateId() external view returns (bytes32);

    /// @notice Number of the last transition; 0 at genesis. Storage slot 1.
    function number() external view returns (uint64);

    /// @notice The ledger's state id after transition `number`; zero if there was none yet. Storage slot 2.
    /// @param number Number of the transition; 0 gives the genesis state's.
    function idOf(uint64 number) external view returns (bytes32);
}
