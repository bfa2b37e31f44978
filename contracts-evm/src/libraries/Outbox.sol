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
/// @param version `Outbox.MESSAGE_VERSION`.
/// @param chainId Chain of the gateway.
/// @param gateway The gateway that took the deposit.
/// @param index Position in that gateway's outbox.
/// @param sentAtSec The block's time, in seconds of Unix time.
/// @param sender Who paid.
/// @param refundTo Who is paid on this chain if the message cannot be carried out.
/// @param asset Asset id.
/// @param amount What was taken, fee included, in the asset's smallest unit.
/// @param fee The part of `amount` that pays for carrying the message.
/// @param destination Chain id of the gateway that is to pay.
/// @param envelopeHash keccak256 of the envelope.
struct Message {
    uint8 version;
    uint256 chainId;
    address gateway;
    uint64 index;
    uint64 sentAtSec;
    address sender;
    address refundTo;
    bytes32 asset;
    uint256 amount;
    uint256 fee;
    uint256 destination;
    bytes32 envelopeHash;
}

/// @title The outbox: a hash chain, so that one storage proof covers any number of messages
/// @dev test/vectors/typed-data.json holds this and src/protocol/message.ts to the same hashes and constants.
library Outbox {
    /// @notice The only version of the leaf's layout.
    uint8 internal constant MESSAGE_VERSION = 2;
    /// @notice The head after every so many messages is kept.
    uint64 internal constant HEAD_INTERVAL = 256;

    /// @notice The message's leaf.
    function leaf(Message memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(message));
    }

    /// @notice The head after `message` is appended to a chain whose head is `head`.
    function append(bytes32 head, Message memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(head, leaf(message)));
    }
}
