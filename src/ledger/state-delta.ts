import { readByteVector, type ScaleCursor } from '../codec/scale.ts';
import { concatBytes } from '../shared/bytes.ts';
import { type AuthMap, applyChanges, diffMaps, emptyMap, type MapChange } from './auth-map.ts';
import {
  byteStringDigits,
  bytesOfDigits,
  decodeWhole,
  hexDigits,
  listDigits,
  readAscending,
  readChoice,
  readHex,
} from './encoding.ts';
import { OPENED_VALUES } from './entry-codecs.ts';
import type { KeyEpoch, LedgerState, OpenedEntry } from './state.ts';
import {
  encodeFixed,
  type FixedState,
  type MapSummary,
  readFixed,
  requireNamed,
} from './state-codec.ts';

// What takes one state to another: the fixed part of the second, then of each map, in the order in which that names them, what
// differs: Vec<key 32 ‖ isThere u8 ‖ Vec<u8> value, if it is there>, by ascending key. An epoch that is new starts from no entries.

type Epochs = readonly Pick<KeyEpoch, 'epoch' | 'opened'>[];

/** What takes `before` to `after`: as long as what differs, if one was made from the other. @throws {HexError} a part out of range */
export function encodeDelta(before: LedgerState, after: LedgerState): Uint8Array {
  return concatBytes(
    encodeFixed(after),
    encodeChanges(before.accounts, after.accounts),
    encodeChanges(before.legs, after.legs),
    encodeChanges(before.batches, after.batches),
    ...after.epochs.map(({ epoch, opened }) =>
      encodeChanges(openedIn(before.epochs, epoch), opened),
    ),
  );
}

/**
 * The state that {@link encodeDelta} was given as `after`.
 *
 * @param before the state that it was given as `before`
 * @throws {ScaleError} truncated, too long, a count above its bound
 * @throws {LedgerError} LEDGER_STATE_MALFORMED: another state than `before`, or bytes that lead from it to no state
 */
export function applyDelta(before: LedgerState, bytes: Uint8Array): LedgerState {
  return decodeWhole(bytes, (cursor) => {
    const fixed = readFixed(cursor);
    return {
      ...fixed,
      accounts: readChanges(cursor, before.accounts, fixed.accounts),
      legs: readChanges(cursor, before.legs, fixed.legs),
      batches: readChanges(cursor, before.batches, fixed.batches),
      epochs: readEpochs(cursor, before.epochs, fixed.epochs),
    };
  });
}

function encodeChanges<V>(before: AuthMap<V>, after: AuthMap<V>): Uint8Array {
  const changes = diffMaps(before, after);
  return bytesOfDigits(listDigits(changes, (change) => changeDigits(change, after)));
}

function changeDigits<V>({ key, value }: MapChange<V>, { codec }: AuthMap<V>): string {
  if (value === undefined) return `${hexDigits(key, 32)}00`;
  return `${hexDigits(key, 32)}01${byteStringDigits(codec.digits(value))}`;
}

function readChanges<V>(cursor: ScaleCursor, before: AuthMap<V>, summary: MapSummary): AuthMap<V> {
  // Each of them takes away an entry that was there, or puts one that is.
  const changes = readAscending(cursor, before.size + summary.size, {
    readItem: (at) => readChange(at, before),
    keyOf: ({ key }) => BigInt(key),
  });
  return requireNamed(applyChanges(before, changes), summary);
}

function readChange<V>(cursor: ScaleCursor, { codec }: AuthMap<V>): MapChange<V> {
  const key = readHex(cursor, 32);
  const isThere = readChoice(cursor, [false, true]);
  return { key, value: isThere ? codec.decode(readByteVector(cursor)) : undefined };
}

function readEpochs(
  cursor: ScaleCursor,
  before: Epochs,
  epochs: FixedState['epochs'],
): LedgerState['epochs'] {
  return epochs.map(({ epoch, firstRound, opened }) => ({
    epoch,
    firstRound,
    opened: readChanges(cursor, openedIn(before, epoch), opened),
  }));
}

function openedIn(epochs: Epochs, epoch: bigint): AuthMap<OpenedEntry> {
  return epochs.find((known) => known.epoch === epoch)?.opened ?? emptyMap(OPENED_VALUES);
}
