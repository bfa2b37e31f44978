// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One payout.
/// @param tag What the user finds it by and nobody else can compute.
/// @param asset Asset id.
/// @param recipient Who is paid.
/// @param amount In the asset's smallest unit.
/// @param refundOf 1 more than the index of the message of this gateway's own outbox that it gives back; 0 if it is no refund.
struct Release {
    bytes32 tag;
    bytes32 asset;
    address recipient;
    uint256 amount;
    uint64 refundOf;
}

/// @notice What whoever submits the batch is paid.
/// @param asset Asset id.
/// @param amount In the asset's smallest unit.
struct Fee {
    bytes32 asset;
    uint256 amount;
}

/// @notice Releases that one transaction pays, at their place in the gateway's order.
/// @param chainId Chain of the gateway.
/// @param gateway The gateway that is to pay.
/// @param epoch The epoch the signers are of.
/// @param firstIndex Index of the first release, counted over all releases of the gateway.
/// @param prevHead The gateway's released head before the batch.
/// @param releases In the order they are paid.
/// @param fees By ascending asset id.
/// @param consumedCount Messages of this gateway's own outbox that the ledger has consumed when the batch is cut.
/// @param submitter Who alone may submit the batch, and gets its fees.
struct ReleaseBatch {
    uint256 chainId;
    address gateway;
    uint64 epoch;
    uint64 firstIndex;
    bytes32 prevHead;
    Release[] releases;
    Fee[] fees;
    uint64 consumedCount;
    address submitter;
}

/// @title EIP-712 hashes of a release batch, and the hash chain of batches
/// @dev test/vectors/typed-data.json holds this and src/protocol/release.ts to the same hashes.
library ReleaseHash {
    bytes32 internal constant RELEASE_TYPEHASH =
        keccak256("Release(bytes32 tag,bytes32 asset,address recipient,uint256 amount,uint64 refundOf)");
    bytes32 internal constant FEE_TYPEHASH = keccak256("Fee(bytes32 asset,uint256 amount)");
    bytes32 internal constant BATCH_TYPEHASH = keccak256(
        "ReleaseBatch(uint256 chainId,address gateway,uint64 epoch,uint64 firstIndex,bytes32 prevHead,Release[] releases,Fee[] fees,uint64 consumedCount,address submitter)"
        "Fee(bytes32 asset,uint256 amount)"
        "Release(bytes32 tag,bytes32 asset,address recipient,uint256 amount,uint64 refundOf)"
    );

    /// @notice `hashStruct` of the batch, and the released head after it. The head names neither epoch, `consumedCount` nor
    /// submitter: whoever submits it, signed in whichever epoch, the chain of batches is the same.
    function hash(ReleaseBatch calldata batch) internal pure returns (bytes32 structHash, bytes32 head) {
        bytes32 releases = _hashReleases(batch.releases);
        bytes32 fees = _hashFees(batch.fees);
        structHash = keccak256(
            abi.encode(
                BATCH_TYPEHASH,
                batch.chainId,
                batch.gateway,
                batch.epoch,
                batch.firstIndex,
                batch.prevHead,
                releases,
                fees,
                batch.consumedCount,
                batch.submitter
            )
        );
        head = keccak256(abi.encode(batch.prevHead, releases, fees));
    }

    function _hashReleases(Release[] calldata releases) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](releases.length);
        for (uint256 i = 0; i < releases.length; ++i) {
            hashes[i] = keccak256(abi.encode(RELEASE_TYPEHASH, releases[i]));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashFees(Fee[] calldata fees) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](fees.length);
        for (uint256 i = 0; i < fees.length; ++i) {
            hashes[i] = keccak256(abi.encode(FEE_TYPEHASH, fees[i]));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
