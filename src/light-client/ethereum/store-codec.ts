import { BLS_PUBLIC_KEY_BYTES } from '../../crypto/bls.ts';
import { concatBytes, fromHex, toHex } from '../../shared/bytes.ts';
import type { EthereumConfig } from './config.ts';
import { LightClientError } from './light-client-error.ts';
import { presetOf } from './preset.ts';
import type {
  BeaconBlockHeader,
  FinalizedHeader,
  LightClientStore,
  StatedExecution,
  SyncCommittee,
} from './types.ts';

// Layout: 0x02 ‖ flags u8 ‖ beacon header 112 ‖ block hash 32 ‖ [stated 48] ‖ current committee ‖ [next].
// Flags: 1 stated, 2 next known. Beacon header: slot u64 ‖ proposer u64 ‖ three roots. Stated: number u64 ‖ state root ‖
// timestamp u64. Committee: its keys and the aggregate, 48 bytes each. Integers are little-endian.
// At most 49,442 bytes on mainnet. One store has one encoding.

const VERSION = 2;
const HEADER_AT = 2;
const BEACON_BYTES = 112;
const HASH_BYTES = 32;
const STATED_BYTES = 48;
const STATED = 1;
const NEXT_KNOWN = 2;

/** Encodes a store for sealing. */
export function encodeLightClientStore(store: LightClientStore): Uint8Array {
  const { finalizedHeader, currentSyncCommittee, nextSyncCommittee: next } = store;
  const { blockHash, stated } = finalizedHeader.execution;
  return concatBytes(
    Uint8Array.of(VERSION, (stated ? STATED : 0) | (next ? NEXT_KNOWN : 0)),
    encodeBeacon(finalizedHeader.beacon),
    fromHex(blockHash, 32),
    ...(stated === undefined ? [] : [encodeStated(stated)]),
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
  const [version, flags = 0xff] = bytes;
  if (version !== VERSION) throw malformed('version', `${VERSION}`, `${version}`);
  if (flags > (STATED | NEXT_KNOWN)) throw malformed('flags', '0 to 3', `${flags}`);
  const currentAt = HEADER_AT + BEACON_BYTES + HASH_BYTES + (flags & STATED ? STATED_BYTES : 0);
  const nextAt = currentAt + committeeBytes;
  const length = flags & NEXT_KNOWN ? nextAt + committeeBytes : nextAt;
  if (bytes.length !== length) throw malformed('length', `${length} bytes`, `${bytes.length}`);
  return {
    finalizedHeader: decodeFinalizedHeader(bytes.subarray(HEADER_AT, currentAt)),
    currentSyncCommittee: decodeCommittee(bytes.subarray(currentAt, nextAt)),
    nextSyncCommittee: flags & NEXT_KNOWN ? decodeCommittee(bytes.subarray(nextAt)) : undefined,
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

function encodeStated({ blockNumber, stateRoot, timestamp }: StatedExecution): Uint8Array {
  const root = fromHex(stateRoot, 32);
  return concatBytes(encodeUint64(blockNumber), root, encodeUint64(timestamp));
}

/** @param bytes beacon header, block hash, and what is stated, if anything is */
function decodeFinalizedHeader(bytes: Uint8Array): FinalizedHeader {
  const [beacon, stated] = [
    bytes.subarray(0, BEACON_BYTES),
    bytes.subarray(BEACON_BYTES + HASH_BYTES),
  ];
  const slot = decodeUint64(beacon, 0);
  if (slot > BigInt(Number.MAX_SAFE_INTEGER))
    throw malformed('slot', 'a slot below 2^53', `${slot}`);
  return {
    beacon: {
      slot: Number(slot),
      proposerIndex: decodeUint64(beacon, 8),
      parentRoot: beacon.subarray(16, 48),
      stateRoot: beacon.subarray(48, 80),
      bodyRoot: beacon.subarray(80, 112),
    },
    execution: {
      blockHash: toHex(bytes.subarray(BEACON_BYTES, BEACON_BYTES + HASH_BYTES)),
      stated: stated.length === 0 ? undefined : decodeStated(stated),
    },
  };
}

function decodeStated(bytes: Uint8Array): StatedExecution {
  return {
    blockNumber: decodeUint64(bytes, 0),
    stateRoot: toHex(bytes.subarray(8, 40)),
    timestamp: decodeUint64(bytes, 40),
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
