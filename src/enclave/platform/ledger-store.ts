import { decodeState, encodeState } from '../../ledger/state-codec.ts';
import { applyDelta, encodeDelta } from '../../ledger/state-delta.ts';
import { concatBytes } from '../../shared/bytes.ts';
import type { EnclaveKeys } from '../keys/enclave-keys.ts';
import { ledgerAt } from '../ledger-at.ts';
import { padToClass, unpad } from '../size-class.ts';
import type { LedgerAt } from '../state.ts';
import { decodeLedgerRecords, encodeLedgerRecords, type LedgerRecords } from '../state-codec.ts';
import { type SealedStore, SealedStoreError } from './sealed-store.ts';

// The ledger in sealed records: a state as a whole, in parts, then one record per transition with what it changed, and one
// that names them. A transition costs what it changes; once the changes outgrow the whole, the whole is written anew.
// SECURITY: the host sees how long each file is. What a round changed tells what was in it: whose account an order opened, or
// whether it was done at all. So all of them are padded to size classes, and when the whole is written anew depends on these alone.

const PREFIX = 'ledger-';
const HEAD = `${PREFIX}head`;
const partName = (number: bigint, part: number) => `${PREFIX}${number}-part-${part}`;
const deltaName = (number: bigint) => `${PREFIX}${number}-delta`;

/** Bytes of one part of a whole state at most, so that no record is longer than is comfortable to seal. */
const PART_BYTES = 16 * 1024 * 1024;
/** Changes may always come to this much, padding included: a small ledger is not written anew again and again. */
const LEAST_DELTA_BYTES = 256 * 1024;

/** Where the ledger's records stand. */
export interface LedgerStore {
  /** As it was saved last; undefined before that. */
  readonly ledger: LedgerAt | undefined;
  /** Seals the ledger, which was at `before`. Killed anywhere in between, the folder holds one of the two, whole. */
  save(before: LedgerAt, after: LedgerAt): void;
}

/**
 * Reads the ledger's records. What a process left behind that was killed at its work is named by none of them: it is
 * written over, or dropped when the whole is written anew.
 *
 * @throws {SealedStoreError} one is missing or not ours
 * @throws {EnclaveStateVersionError} of another layout
 */
export function openLedgerStore(store: SealedStore, keys: EnclaveKeys): LedgerStore {
  const head = store.load(HEAD);
  let records = head === undefined ? undefined : decodeLedgerRecords(head);
  return {
    ledger: records && loadLedger(store, records, keys),
    save(before, after) {
      const next = extendRecords(store, records, { before, after });
      store.save(HEAD, encodeLedgerRecords(next));
      const isNewBase = next.base.number !== records?.base.number;
      records = next;
      if (isNewBase) dropOthers(store, next);
    },
  };
}

function loadLedger(store: SealedStore, records: LedgerRecords, keys: EnclaveKeys): LedgerAt {
  const { base, number, stateId } = records;
  const parts = Array.from({ length: base.parts }, (_, i) =>
    loadRecord(store, partName(base.number, i)),
  );
  let state = decodeState(concatBytes(...parts));
  for (let next = base.number + 1n; next <= number; next++) {
    state = applyDelta(state, loadRecord(store, deltaName(next)));
  }
  const ledger = ledgerAt(state, keys);
  // Records of different ages do not make up any state that was named.
  if (ledger.stateId !== stateId) throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', HEAD);
  return ledger;
}

function loadRecord(store: SealedStore, name: string): Uint8Array {
  const padded = store.load(name);
  const record = padded && unpad(padded);
  if (record === undefined) throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', name);
  return record;
}

/** Writes what takes the records to `after`: what has changed, or the whole if that is the less or there is nothing yet. */
function extendRecords(
  store: SealedStore,
  records: LedgerRecords | undefined,
  { before, after }: { readonly before: LedgerAt; readonly after: LedgerAt },
): LedgerRecords {
  const { stateId, state } = after;
  const { number } = state;
  const follows = records?.stateId === before.stateId && number === before.state.number + 1n;
  if (records === undefined || !follows) return writeBase(store, after);
  const delta = padToClass(encodeDelta(before.state, state));
  const deltaBytes = records.deltaBytes + delta.length;
  if (deltaBytes > Math.max(records.base.bytes, LEAST_DELTA_BYTES)) return writeBase(store, after);
  store.save(deltaName(number), delta);
  return { ...records, deltaBytes, number, stateId };
}

function writeBase(store: SealedStore, { state, stateId }: LedgerAt): LedgerRecords {
  const { number } = state;
  let parts = 0;
  let bytes = 0;
  for (const part of inParts(encodeState(state))) {
    const record = padToClass(part);
    store.save(partName(number, parts++), record);
    bytes += record.length;
  }
  return { base: { number, parts, bytes }, deltaBytes: 0, number, stateId };
}

/** Joins chunks up to the length of a part. */
function* inParts(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let open: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    if (length + chunk.length > PART_BYTES && length > 0) {
      yield concatBytes(...open);
      open = [];
      length = 0;
    }
    open.push(chunk);
    length += chunk.length;
  }
  yield concatBytes(...open);
}

function dropOthers(store: SealedStore, records: LedgerRecords): void {
  const named = new Set([HEAD, ...recordNames(records)]);
  for (const name of store.list()) {
    if (name.startsWith(PREFIX) && !named.has(name)) store.remove(name);
  }
}

function recordNames({ base, number }: LedgerRecords): readonly string[] {
  const parts = Array.from({ length: base.parts }, (_, i) => partName(base.number, i));
  const deltas = Array.from({ length: Number(number - base.number) }, (_, i) =>
    deltaName(base.number + 1n + BigInt(i)),
  );
  return [...parts, ...deltas];
}
