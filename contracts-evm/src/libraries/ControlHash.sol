// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a leaf commits to. All members are static, so `abi.encode` gives one word each.
/// @param version `ControlHash.VERSION`.
/// @param chainId Chain of the anchor.
/// @param anchor The anchor that took the message.
/// @param index Position in that anchor's outbox.
/// @param sentAtSec The block's time, in seconds of Unix time.
/// @param round The round it names, 0 for none; of a suspension the first round that was not committed.
/// @param kind One of the constants of `ControlHash`.
/// @param payloadHash keccak256 of the ABI encoding of what the message says.
struct ControlMessage {
    uint8 version;
    uint256 chainId;
    address anchor;
    uint64 index;
    uint64 sentAtSec;
    uint64 round;
    uint8 kind;
    bytes32 payloadHash;
}

/// @title The anchor's outbox: a hash chain of what governance tells the ledger
/// @dev test/vectors/typed-data.json holds this and src/protocol/control.ts to the same hashes and constants.
library ControlHash {
    /// @notice The only version of the leaf's layout.
    uint8 internal constant VERSION = 1;

    uint8 internal constant REGISTER_ASSET = 1;
    uint8 internal constant SET_RATE = 2;
    uint8 internal constant SET_REWARD = 3;
    uint8 internal constant SUSPEND = 4;
    uint8 internal constant RESUME = 5;
    uint8 internal constant START_EPOCH = 6;
    uint8 internal constant NAME_SUCCESSOR = 7;

    /// @notice The message's leaf.
    function leaf(ControlMessage memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(message));
    }

    /// @notice The head after `message` is appended to a chain whose head is `head`.
    function append(bytes32 head, ControlMessage memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(head, leaf(message)));
    }
}
