import { BLS_PUBLIC_KEY_BYTES } from '../../crypto/bls.ts';
import { concatBytes, fromHex, toHex } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { LightClientError } from './light-client-error.ts';
import { presetOf } from './preset.ts';
import type {
  BeaconBlockHeader,
  ExecutionBlock,
  FinalizedHeader,
  LightClientStore,
  SyncCommittee,
} from './types.ts';

// Layout: 0x01 ‖ beacon header 112 ‖ execution block 80 ‖ next known? u8 ‖ current committee ‖ [next].
// Beacon header: slot u64 ‖ proposer u64 ‖ three roots. Execution block: hash ‖ number u64 ‖ state root ‖
// timestamp u64. Committee: its keys and the aggregate, 48 bytes each. Integers are little-endian.
// 49,442 bytes on mainnet. One store has one encoding.

const VERSION = 1;
const BEACON_BYTES = 112;
const EXECUTION_BYTES = 80;
const COMMITTEES_AT = 1 + BEACON_BYTES + EXECUTION_BYTES + 1;
const NEXT_UNKNOWN = 0;
const NEXT_KNOWN = 1;

/** Encodes a store for sealing. */
export function encodeLightClientStore(store: LightClientStore): Uint8Array {
  const { finalizedHeader, currentSyncCommittee, nextSyncCommittee: next } = store;
  return concatBytes(
    Uint8Array.of(VERSION),
    encodeBeacon(finalizedHeader.beacon),
    encodeExecution(finalizedHeader.execution),
    Uint8Array.of(next === undefined ? NEXT_UNKNOWN : NEXT_KNOWN),
    currentSyncCommittee.pubkeys,
    currentSyncCommittee.aggregatePubkey,
    ...(next === undefined ? [] : [next.pubkeys, next.aggregatePubkey]),
  );
}

/**
 * Decodes a store. SECURITY: only bytes that this enclave has sealed: nothing in them is verified again.
 *
 * @param bytes from sealed storage; the store views them, so they must not change afterwards
 * @throws {LightClientError} ETHEREUM_STORE_MALFORMED: another version, length or flag
 */
export function decodeLightClientStore(
  bytes: Uint8Array,
  config: EthereumConfig,
): LightClientStore {
  const committeeBytes = (presetOf(config).SYNC_COMMITTEE_SIZE + 1) * BLS_PUBLIC_KEY_BYTES;
  const [version] = bytes;
  const flag = bytes[COMMITTEES_AT - 1];
  if (version !== VERSION) throw malformed('version', `${VERSION}`, `${version}`);
  if (flag !== NEXT_UNKNOWN && flag !== NEXT_KNOWN) throw malformed('flag', '0 or 1', `${flag}`);
  const nextAt = COMMITTEES_AT + committeeBytes;
  const length = flag === NEXT_KNOWN ? nextAt + committeeBytes : nextAt;
  if (bytes.length !== length) throw malformed('length', `${length} bytes`, `${bytes.length}`);
  return {
    finalizedHeader: decodeFinalizedHeader(bytes.subarray(1)),
    currentSyncCommittee: decodeCommittee(bytes.subarray(COMMITTEES_AT, nextAt)),
    nextSyncCommittee: flag === NEXT_KNOWN ? decodeCommittee(bytes.subarray(nextAt)) : undefined,
  };
}

function encodeBeacon(beacon: BeaconBlockHeader): Uint8Array {
  const { slot, proposerIndex, parentRoot, stateRoot, bodyRoot } = beacon;
  return concatBytes(
    encodeUint64(BigInt(slot)),
    encodeUint64(proposerIndex),
    parentRoot,
    stateRoot,
    bodyRoot,
  );
}

function encodeExecution({
  blockHash,
  blockNumber,
  stateRoot,
  timestamp,
}: ExecutionBlock): Uint8Array {
  const [hash, root] = [fromHex(blockHash, 32), fromHex(stateRoot, 32)];
  return concatBytes(hash, encodeUint64(blockNumber), root, encodeUint64(timestamp));
}

function decodeFinalizedHeader(bytes: Uint8Array): FinalizedHeader {
  const execution = bytes.subarray(BEACON_BYTES);
  const slot = decodeUint64(bytes, 0);
  if (slot > BigInt(Number.MAX_SAFE_INTEGER))
    throw malformed('slot', 'a slot below 2^53', `${slot}`);
  return {
    beacon: {
      slot: Number(slot),
      proposerIndex: decodeUint64(bytes, 8),
      parentRoot: bytes.subarray(16, 48),
      stateRoot: bytes.subarray(48, 80),
      bodyRoot: bytes.subarray(80, 112),
    },
    execution: {
      blockHash: toHex(execution.subarray(0, 32)),
      blockNumber: decodeUint64(execution, 32),
      stateRoot: toHex(execution.subarray(40, 72)),
      timestamp: decodeUint64(execution, 72),
    },
  };
}

function decodeCommittee(bytes: Uint8Array): SyncCommittee {
  const end = bytes.length - BLS_PUBLIC_KEY_BYTES;
  return { pubkeys: bytes.subarray(0, end), aggregatePubkey: bytes.subarray(end) };
}

function encodeUint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

function decodeUint64(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0, true);
}

function malformed(subject: string, expected: string, got: string): LightClientError {
  return new LightClientError('ETHEREUM_STORE_MALFORMED', { subject, expected, got });
}
