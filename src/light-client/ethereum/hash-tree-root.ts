import { packBytes, uint64Chunk, uint256Chunk } from '../../codec/ssz.ts';
import { BLS_PUBLIC_KEY_BYTES } from '../../crypto/bls.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { hashPair, merkleize, mixInLength } from '../../crypto/ssz-merkle.ts';
import { concatBytes } from '../../shared/bytes.ts';
import type { ExecutionPayloadRules } from './forks.ts';
import type { BeaconBlockHeader, ExecutionPayloadHeader, SyncCommittee } from './types.ts';

// SPEC: consensus-specs@a08d8a6, `hash_tree_root` of the containers that light clients prove or sign.

/** 5 fields, so 8 leaves. */
export function hashTreeRootOfBeaconBlockHeader(header: BeaconBlockHeader): Uint8Array {
  const leaves = [
    uint64Chunk(header.slot),
    uint64Chunk(header.proposerIndex),
    header.parentRoot,
    header.stateRoot,
    header.bodyRoot,
  ];
  return merkleize(leaves, 3);
}

/** A vector of SYNC_COMMITTEE_SIZE keys beside the aggregate key. */
export function hashTreeRootOfSyncCommittee(committee: SyncCommittee): Uint8Array {
  const { pubkeys, aggregatePubkey } = committee;
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < pubkeys.length; at += BLS_PUBLIC_KEY_BYTES) {
    leaves.push(publicKeyRoot(pubkeys.subarray(at, at + BLS_PUBLIC_KEY_BYTES)));
  }
  const depth = Math.ceil(Math.log2(leaves.length));
  return hashPair(merkleize(leaves, depth), publicKeyRoot(aggregatePubkey));
}

/** Capella: 15 fields in 16 leaves. Deneb and later: 17 fields in 32. */
export function hashTreeRootOfExecutionPayloadHeader(
  header: ExecutionPayloadHeader,
  form: ExecutionPayloadRules['header'],
): Uint8Array {
  const leaves = [
    header.parentHash,
    packBytes(header.feeRecipient),
    header.stateRoot,
    header.receiptsRoot,
    logsBloomRoot(header.logsBloom),
    header.prevRandao,
    uint64Chunk(header.blockNumber),
    uint64Chunk(header.gasLimit),
    uint64Chunk(header.gasUsed),
    uint64Chunk(header.timestamp),
    mixInLength(extraDataChunk(header.extraData), uint64Chunk(header.extraData.length)),
    uint256Chunk(header.baseFeePerGas),
    header.blockHash,
    header.transactionsRoot,
    header.withdrawalsRoot,
  ];
  if (form === 'capella') return merkleize(leaves, 4);
  leaves.push(uint64Chunk(header.blobGasUsed), uint64Chunk(header.excessBlobGas));
  return merkleize(leaves, 5);
}

/** SPEC: `compute_fork_data_root`; `version` 4 bytes, `genesisValidatorsRoot` 32. */
export function hashTreeRootOfForkData(
  version: Uint8Array,
  genesisValidatorsRoot: Uint8Array,
): Uint8Array {
  return hashPair(packBytes(version), genesisValidatorsRoot);
}

/** SPEC: `SigningData`; `objectRoot` and `domain` 32 bytes each. */
export function hashTreeRootOfSigningData(objectRoot: Uint8Array, domain: Uint8Array): Uint8Array {
  return hashPair(objectRoot, domain);
}

/** A `Bytes48` fills one chunk and a half. */
function publicKeyRoot(pubkey: Uint8Array): Uint8Array {
  return sha256(packBytes(pubkey));
}

function logsBloomRoot(logsBloom: Uint8Array): Uint8Array {
  const chunks = Array.from({ length: 8 }, (_, i) => logsBloom.subarray(32 * i, 32 * i + 32));
  return merkleize(chunks, 3);
}

/** A `ByteList[32]` has one chunk, also when it is empty. */
function extraDataChunk(extraData: Uint8Array): Uint8Array {
  return concatBytes(extraData, new Uint8Array(32 - extraData.length));
}
