// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Up to where a transition has consumed a chain's outbox.
/// @param chainId The chain of the outbox.
/// @param count Messages consumed since the gateway was deployed.
struct Cursor {
    uint256 chainId;
    uint64 count;
}

/// @notice One transition of the ledger, as enclaves sign it.
/// @param epoch The epoch the signers are of.
/// @param number Number of the transition, from 1.
/// @param prevState State id it starts from.
/// @param postState State id it ends in.
/// @param inputs One cursor per chain, by ascending chain id.
/// @param beneficiary Who gets the commit's share of the fees.
struct Commit {
    uint64 epoch;
    uint64 number;
    bytes32 prevState;
    bytes32 postState;
    Cursor[] inputs;
    address beneficiary;
}

/// @title EIP-712 struct hash of a commit
/// @dev KEEP IN SYNC: src/protocol/commit.ts; test/vectors/typed-data.json holds both to it.
library CommitHash {
    bytes32 internal constant CURSOR_TYPEHASH = keccak256("Cursor(uint256 chainId,uint64 count)");
    bytes32 internal constant COMMIT_TYPEHASH = keccak256(
        "Commit(uint64 epoch,uint64 number,bytes32 prevState,bytes32 postState,Cursor[] inputs,address beneficiary)"
        "Cursor(uint256 chainId,uint64 count)"
    );

    /// @notice `hashStruct` of the commit.
    function hash(Commit calldata commit) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COMMIT_TYPEHASH,
                commit.epoch,
                commit.number,
                commit.prevState,
                commit.postState,
                _hashCursors(commit.inputs),
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
