// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice How far along a chain's messages, or its releases, something has come.
/// @param chainId The chain.
/// @param count Messages, or releases, since the gateway was deployed.
struct Cursor {
    uint256 chainId;
    uint64 count;
}

/// @notice One transition of the ledger, as enclaves sign it.
/// @param epoch The epoch the signers are of.
/// @param number Number of the transition, from 1.
/// @param round The last round it consumed.
/// @param asOf Time of a final header of the anchor chain that every signer has verified, in seconds of Unix time.
/// @param prevState State id it starts from.
/// @param postState State id it ends in.
/// @param inputs What is consumed of every chain's outbox, by ascending chain id.
/// @param control What is consumed of the anchor's own outbox.
/// @param paid What destinations are proven to have paid, by ascending chain id.
/// @param beneficiary The account inside the ledger that is credited with the messages' fees.
struct Commit {
    uint64 epoch;
    uint64 number;
    uint64 round;
    uint64 asOf;
    bytes32 prevState;
    bytes32 postState;
    Cursor[] inputs;
    uint64 control;
    Cursor[] paid;
    bytes32 beneficiary;
}

/// @title EIP-712 struct hash of a commit
/// @dev test/vectors/typed-data.json holds this and src/protocol/commit.ts to the same hashes.
library CommitHash {
    bytes32 internal constant CURSOR_TYPEHASH = keccak256("Cursor(uint256 chainId,uint64 count)");
    bytes32 internal constant COMMIT_TYPEHASH = keccak256(
        "Commit(uint64 epoch,uint64 number,uint64 round,uint64 asOf,bytes32 prevState,bytes32 postState,Cursor[] inputs,uint64 control,Cursor[] paid,bytes32 beneficiary)"
        "Cursor(uint256 chainId,uint64 count)"
    );

    /// @notice `hashStruct` of the commit.
    function hash(Commit calldata commit) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COMMIT_TYPEHASH,
                commit.epoch,
                commit.number,
                commit.round,
                commit.asOf,
                commit.prevState,
                commit.postState,
                _hashCursors(commit.inputs),
                commit.control,
                _hashCursors(commit.paid),
                commit.beneficiary
            )
        );
    }

    function _hashCursors(Cursor[] calldata cursors) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](cursors.length);
        for (uint256 i = 0; i < cursors.length; ++i) {
            hashes[i] = keccak256(abi.encode(CURSOR_TYPEHASH, cursors[i].chainId, cursors[i].count));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
