// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A place in a hash chain: the head commits to all `count` entries before it.
/// @param head Zero while the chain is empty.
/// @param count Entries so far; nothing else shares its slot.
struct ChainPosition {
    bytes32 head;
    uint64 count;
}

/// @notice What a leaf commits to. All members are static, so `abi.encode` gives one word each.
struct Message {
    uint8 version;
    uint256 chainId;
    address gateway;
    uint64 index;
    address sender;
    bytes32 asset;
    uint256 amount;
    uint256 fee;
    uint256 destination;
    bytes32 envelopeHash;
}

/// @title The outbox: a hash chain, so that one storage proof covers any number of messages
/// @dev KEEP IN SYNC: src/protocol/message.ts; test/vectors/typed-data.json holds both to it.
library Outbox {
    /// @notice The only version of the leaf's layout.
    uint8 internal constant MESSAGE_VERSION = 1;

    /// @notice The message's leaf.
    function leaf(Message memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(message));
    }

    /// @notice The head after `message` is appended to a chain whose head is `head`.
    function append(bytes32 head, Message memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(head, leaf(message)));
    }
}
