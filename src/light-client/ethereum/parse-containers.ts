import { BLS_PUBLIC_KEY_BYTES, BLS_SIGNATURE_BYTES } from '../../crypto/bls.ts';
import { concatBytes } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { verifyForkName } from './forks.ts';
import {
  type JsonNode,
  readBytes,
  readBytesUpTo,
  readField,
  readList,
  readOptionalField,
  readSlot,
  readString,
  readUint64,
  readUint256,
} from './json-reader.ts';
import { presetOf } from './preset.ts';
import type {
  BeaconBlockHeader,
  ExecutionPayloadHeader,
  LightClientHeader,
  SyncAggregate,
  SyncCommittee,
} from './types.ts';

// The containers inside bootstraps and updates. Every function throws {BeaconJsonError} with the field.
// SPEC: ethereum/beacon-APIs, light_client endpoints; names as in the consensus specification.

/** The longest branch that any fork has: Gloas proves committees over 11 levels. */
const MAX_BRANCH = 16;

/**
 * The item inside `{ version, data }`, or the document itself if it is the item.
 *
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED: `version` names a fork that we cannot verify
 */
export function parseVersioned(json: unknown, config: EthereumConfig): JsonNode {
  const document: JsonNode = { value: json, path: '' };
  const version = readOptionalField(document, 'version');
  if (version !== undefined) verifyForkName(readString(version), config);
  return readOptionalField(document, 'data') ?? document;
}

/** Parses a `LightClientHeader` of Capella to Fulu, or of Gloas if it has a block hash instead of a header. */
export function parseLightClientHeader(node: JsonNode): LightClientHeader {
  const blockHash = readOptionalField(node, 'execution_block_hash');
  return {
    beacon: parseBeaconBlockHeader(readField(node, 'beacon')),
    execution:
      blockHash === undefined
        ? parseExecutionPayloadHeader(readField(node, 'execution'))
        : { blockHash: readBytes(blockHash, 32) },
    executionBranch: parseBranch(readField(node, 'execution_branch')),
  };
}

/** Parses a Merkle branch of at most 16 siblings; the verifier knows the exact length. */
export function parseBranch(node: JsonNode): readonly Uint8Array[] {
  return readList(node, 0, MAX_BRANCH).map((sibling) => readBytes(sibling, 32));
}

/** Parses a `SyncCommittee` of exactly the preset's size. */
export function parseSyncCommittee(node: JsonNode, config: EthereumConfig): SyncCommittee {
  const size = presetOf(config).SYNC_COMMITTEE_SIZE;
  const pubkeys = readList(readField(node, 'pubkeys'), size, size);
  return {
    pubkeys: concatBytes(...pubkeys.map((pubkey) => readBytes(pubkey, BLS_PUBLIC_KEY_BYTES))),
    aggregatePubkey: readBytes(readField(node, 'aggregate_pubkey'), BLS_PUBLIC_KEY_BYTES),
  };
}

/** Parses a `SyncAggregate` of exactly the preset's size. */
export function parseSyncAggregate(node: JsonNode, config: EthereumConfig): SyncAggregate {
  const bitsBytes = presetOf(config).SYNC_COMMITTEE_SIZE / 8;
  const signature = readField(node, 'sync_committee_signature');
  return {
    syncCommitteeBits: readBytes(readField(node, 'sync_committee_bits'), bitsBytes),
    syncCommitteeSignature: readBytes(signature, BLS_SIGNATURE_BYTES),
  };
}

function parseBeaconBlockHeader(node: JsonNode): BeaconBlockHeader {
  return {
    slot: readSlot(readField(node, 'slot')),
    proposerIndex: readUint64(readField(node, 'proposer_index')),
    parentRoot: readRoot(node, 'parent_root'),
    stateRoot: readRoot(node, 'state_root'),
    bodyRoot: readRoot(node, 'body_root'),
  };
}

function parseExecutionPayloadHeader(node: JsonNode): ExecutionPayloadHeader {
  return {
    parentHash: readRoot(node, 'parent_hash'),
    feeRecipient: readBytes(readField(node, 'fee_recipient'), 20),
    stateRoot: readRoot(node, 'state_root'),
    receiptsRoot: readRoot(node, 'receipts_root'),
    logsBloom: readBytes(readField(node, 'logs_bloom'), 256),
    prevRandao: readRoot(node, 'prev_randao'),
    blockNumber: readUint64(readField(node, 'block_number')),
    gasLimit: readUint64(readField(node, 'gas_limit')),
    gasUsed: readUint64(readField(node, 'gas_used')),
    timestamp: readUint64(readField(node, 'timestamp')),
    extraData: readBytesUpTo(readField(node, 'extra_data'), 0, 32),
    baseFeePerGas: readUint256(readField(node, 'base_fee_per_gas')),
    blockHash: readRoot(node, 'block_hash'),
    transactionsRoot: readRoot(node, 'transactions_root'),
    withdrawalsRoot: readRoot(node, 'withdrawals_root'),
    blobGasUsed: readUint64OrZero(node, 'blob_gas_used'),
    excessBlobGas: readUint64OrZero(node, 'excess_blob_gas'),
  };
}

function readRoot(node: JsonNode, name: string): Uint8Array {
  return readBytes(readField(node, name), 32);
}

/** Capella has no blob fields; its successors show them as zero in a header of Capella. */
function readUint64OrZero(node: JsonNode, name: string): bigint {
  const field = readOptionalField(node, name);
  return field === undefined ? 0n : readUint64(field);
}
