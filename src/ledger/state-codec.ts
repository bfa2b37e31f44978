import { createScaleCursor, expectEnd, readByteVector, type ScaleCursor } from '../codec/scale.ts';
import { MAX_CHAINS } from '../protocol/limits.ts';
import type { Hex } from '../shared/bytes.ts';
import { type AuthMap, mapFromEntries, type ValueCodec } from './auth-map.ts';
import {
  byteStringDigits,
  bytesOfDigits,
  decodeWhole,
  digitsOf,
  hexDigits,
  listDigits,
  malformed,
  readAscending,
  readHex,
  readUint32,
  readUint64,
  uint64Digits,
} from './encoding.ts';
import {
  ACCOUNT_VALUES,
  BATCH_VALUES,
  LEG_VALUES,
  MAX_ASSETS,
  OPENED_VALUES,
} from './entry-codecs.ts';
import {
  assetDigits,
  chainDigits,
  pendingDigits,
  positionDigits,
  readAllPending,
  readAsset,
  readChain,
  readPosition,
} from './fixed-parts.ts';
import type { KeyEpoch, LedgerState } from './state.ts';

// SPEC: docs/wire-formats.md, "Ledger state".
// fixed part: version u8 ‖ number u64 ‖ round u64 ‖ asOf u64 ‖ Vec<chain> ‖ control ‖ Vec<pending> ‖ Vec<asset> ‖
//             Vec<epoch u64 ‖ firstRound u64 ‖ opened> ‖ successor 32 ‖ beneficiary 32 ‖ accounts ‖ legs ‖ batches,
//             each map as root 32 ‖ size u32
// whole:      fixed part ‖ entries of accounts ‖ of legs ‖ of batches ‖ of opened, epoch by epoch, each key 32 ‖ Vec<u8> value

const VERSION = 2;
/** Key epochs that live beside each other at most: an old one until its messages are late. */
const MAX_EPOCHS = 1 << 16;
/** Entries are written in chunks of at least so many digits. */
const CHUNK_DIGITS = 1 << 17;

/** What the fixed part says of a map. */
export interface MapSummary {
  /** 32 bytes. */
  readonly root: Hex;
  /** Below 2^32. */
  readonly size: number;
}

/** A state with roots and sizes in the place of its maps. */
export interface FixedState extends Omit<LedgerState, 'epochs' | 'accounts' | 'legs' | 'batches'> {
  readonly epochs: readonly (Omit<KeyEpoch, 'opened'> & { readonly opened: MapSummary })[];
  readonly accounts: MapSummary;
  readonly legs: MapSummary;
  readonly batches: MapSummary;
}

/** The state's fixed part: what its id is the hash of. @throws {HexError} a part out of range */
export function encodeFixed(state: LedgerState): Uint8Array {
  return bytesOfDigits(
    digitsOf(VERSION, 1),
    uint64Digits(state.number),
    uint64Digits(state.round),
    uint64Digits(state.asOf),
    listDigits(state.chains, chainDigits),
    positionDigits(state.control),
    listDigits(state.pending, pendingDigits),
    listDigits(state.assets, assetDigits),
    listDigits(
      state.epochs,
      ({ epoch, firstRound, opened }) =>
        uint64Digits(epoch) + uint64Digits(firstRound) + mapDigits(opened),
    ),
    hexDigits(state.successor, 32),
    hexDigits(state.beneficiary, 32),
    mapDigits(state.accounts),
    mapDigits(state.legs),
    mapDigits(state.batches),
  );
}

/**
 * The inverse of {@link encodeFixed}, and nothing else: every other byte string is refused.
 *
 * @throws {ScaleError} truncated, too long, a count above its bound
 * @throws {LedgerError} LEDGER_STATE_MALFORMED: another version, lists out of order, what no ledger can come to
 */
export function decodeFixed(bytes: Uint8Array): FixedState {
  return decodeWhole(bytes, readFixed);
}

/** As {@link decodeFixed}, of what something may follow. */
export function readFixed(cursor: ScaleCursor): FixedState {
  const version = Number(readHex(cursor, 1));
  if (version !== VERSION) throw malformed(`version ${VERSION}`, { version });
  const [number, round, asOf] = [readUint64(cursor), readUint64(cursor), readUint64(cursor)];
  const chains = readAscending(cursor, MAX_CHAINS, {
    readItem: readChain,
    keyOf: ({ chainId }) => chainId,
  });
  if (chains.length === 0) throw malformed('at least one chain', { chains: 0 });
  return {
    number,
    round,
    asOf,
    chains,
    control: readPosition(cursor),
    pending: readAllPending(cursor),
    assets: readAscending(cursor, MAX_ASSETS, {
      readItem: (at) => readAsset(at, chains),
      keyOf: ({ asset }) => BigInt(asset),
    }),
    epochs: readEpochs(cursor),
    successor: readHex(cursor, 32),
    beneficiary: readHex(cursor, 32),
    accounts: readSummary(cursor),
    legs: readSummary(cursor),
    batches: readSummary(cursor),
  };
}

/** The whole state, in portions that make one byte string. @throws {HexError} a part out of range */
export function* encodeState(state: LedgerState): Generator<Uint8Array, undefined> {
  yield encodeFixed(state);
  yield* encodeEntries(state.accounts);
  yield* encodeEntries(state.legs);
  yield* encodeEntries(state.batches);
  for (const { opened } of state.epochs) yield* encodeEntries(opened);
}

/**
 * The inverse of {@link encodeState}, and nothing else. Costs a hash or two per entry.
 *
 * @throws {ScaleError} truncated, too long, a count above its bound
 * @throws {LedgerError} LEDGER_STATE_MALFORMED: as of the fixed part, or entries that are not those that it names
 */
export function decodeState(bytes: Uint8Array): LedgerState {
  const cursor = createScaleCursor(bytes);
  const fixed = readFixed(cursor);
  const { accounts, legs, batches, epochs } = fixed;
  const state = {
    ...fixed,
    accounts: readMap(cursor, accounts, ACCOUNT_VALUES),
    legs: readMap(cursor, legs, LEG_VALUES),
    batches: readMap(cursor, batches, BATCH_VALUES),
    epochs: epochs.map((epoch) => ({
      ...epoch,
      opened: readMap(cursor, epoch.opened, OPENED_VALUES),
    })),
  };
  expectEnd(cursor);
  return state;
}

/** The map, if it is the one that the fixed part names. @throws {LedgerError} LEDGER_STATE_MALFORMED */
export function requireNamed<V>(map: AuthMap<V>, { root, size }: MapSummary): AuthMap<V> {
  if (map.size === size && map.root() === root) return map;
  throw malformed('the entries that the roots name', { root, got: map.root() });
}

function mapDigits<V>(map: AuthMap<V>): string {
  return hexDigits(map.root(), 32) + digitsOf(map.size, 4);
}

function readSummary(cursor: ScaleCursor): MapSummary {
  return { root: readHex(cursor, 32), size: readUint32(cursor) };
}

function readEpochs(cursor: ScaleCursor): FixedState['epochs'] {
  const epochs = readAscending(cursor, MAX_EPOCHS, {
    readItem: (at) => ({
      epoch: readUint64(at),
      firstRound: readUint64(at),
      opened: readSummary(at),
    }),
    keyOf: ({ epoch }) => epoch,
  });
  if (epochs.length === 0) throw malformed('at least one key epoch', { epochs: 0 });
  return epochs;
}

function* encodeEntries<V>(map: AuthMap<V>): Generator<Uint8Array, undefined> {
  let digits = '';
  for (const [key, value] of map.entries()) {
    digits += hexDigits(key, 32) + byteStringDigits(map.codec.digits(value));
    if (digits.length < CHUNK_DIGITS) continue;
    yield bytesOfDigits(digits);
    digits = '';
  }
  yield bytesOfDigits(digits);
}

function readMap<V>(cursor: ScaleCursor, summary: MapSummary, codec: ValueCodec<V>): AuthMap<V> {
  return requireNamed(mapFromEntries(codec, readEntries(cursor, summary.size, codec)), summary);
}

function* readEntries<V>(
  cursor: ScaleCursor,
  size: number,
  codec: ValueCodec<V>,
): Generator<readonly [Hex, V], undefined> {
  for (let i = 0; i < size; i++) {
    yield [readHex(cursor, 32), codec.decode(readByteVector(cursor))];
  }
}
