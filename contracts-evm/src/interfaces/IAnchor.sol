// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Commit, Cursor} from "../libraries/CommitHash.sol";
import {IControlBook} from "./IControlBook.sol";

/// @title The ledger's state id and the log of its commits
/// @notice A commit is taken only on the state id that is stored, so the ledger has one history. What governance tells the
/// ledger: IControlBook.
interface IAnchor is IControlBook {
    /// @notice How far the ledger has come.
    /// @param round The last round committed; 0 at genesis.
    /// @param asOf Time of the anchor chain that the last commit names, in seconds of Unix time.
    /// @param control What is consumed of the outbox of control messages.
    /// @param suspendedThrough What the next commit must have consumed of it: all up to the latest suspension.
    struct Progress {
        uint64 round;
        uint64 asOf;
        uint64 control;
        uint64 suspendedThrough;
    }

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
    /// @notice A commit consumes at least one round.
    error AnchorRoundNotAscending(uint64 round, uint64 previous);
    /// @notice `asOf` may not go back.
    error AnchorAsOfBackwards(uint64 asOf, uint64 previous);
    /// @notice `asOf` is after this block, or more than `MAX_AS_OF_AGE_SEC` before it.
    error AnchorAsOfOutOfTime(uint64 asOf, uint256 nowSec);
    /// @notice Control messages were given back, or there are not as many, or a suspension among them is not consumed.
    error AnchorControlOutOfRange(uint64 control, uint64 least, uint64 most);

    /// @notice Sets the state id of transition 0, once. Owner only.
    /// @param genesisState The ledger's state id before any transition.
    function initialize(bytes32 genesisState) external;

    /// @notice Records the next transition. Anyone may submit it.
    /// @param commit_ The transition; its `prevState` must be the stored state id, its `round` above the one before, its `asOf`
    /// not below the one before and at most an hour old, its `control` at least as many as before and as the latest
    /// suspension asks for.
    /// @param signatures A quorum over its EIP-712 digest, by ascending signer address.
    function commit(Commit calldata commit_, bytes[] calldata signatures) external;

    /// @notice The ledger's state id after the last commit. Storage slot 0.
    function stateId() external view returns (bytes32);

    /// @notice Number of the last transition; 0 at genesis. Storage slot 1.
    function number() external view returns (uint64);

    /// @notice The ledger's state id after transition `number`; zero if there was none yet. Storage slot 2.
    /// @param number Number of the transition; 0 gives the genesis state's.
    function idOf(uint64 number) external view returns (bytes32);

    /// @notice How far the ledger has come. Storage slot 3.
    function progress() external view returns (Progress memory);
}
