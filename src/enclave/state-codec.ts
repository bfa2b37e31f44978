import {
  createScaleCursor,
  encodeByteVector,
  encodeU32,
  encodeU64,
  encodeVector,
  expectEnd,
  readBytes,
  readByteVector,
  readU8,
  readU32,
  readU64,
  readVector,
  type ScaleCursor,
  ScaleError,
} from '../codec/scale.ts';
import { decodeClient, encodeClient } from '../light-client/client-state.ts';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { MeasuredConfig } from './measured-config.ts';
import { clientStateOf, type DurableState, MAX_RECENT_HEADERS } from './state.ts';

// The records that commands replace. In SCALE. Of the light clients: version u8 ‖ Vec<(Bytes(client id), Bytes(client))>, in
// the order of the measured configuration, each as `encodeClient` writes it. Of the ledger: version u8 ‖ base number u64 ‖
// base parts u32 ‖ base bytes u64 ‖ delta bytes u64 ‖ number u64 ‖ stateId 32; what it names are records of their own.

const VERSION = 4;

/** Which records make up the ledger: a state as a whole, and what every transition since has changed. */
export interface LedgerRecords {
  /** Number of the state that is kept as a whole, in how many parts, and how long it is. */
  readonly base: { readonly number: bigint; readonly parts: number; readonly bytes: number };
  /** What the changes since come to. */
  readonly deltaBytes: number;
  /** Number and id of the ledger's state. */
  readonly number: bigint;
  readonly stateId: Hex;
}

/** The light clients' record: about 50 KB with a mainnet committee. */
export function encodeClients(
  state: Pick<DurableState, 'lightClients'>,
  config: MeasuredConfig,
): Uint8Array {
  const clients = config.lightClients.map((each) => {
    const client = encodeClient(each, clientStateOf(state, each.id));
    return concatBytes(encodeByteVector(utf8(each.id)), encodeByteVector(client));
  });
  return concatBytes(Uint8Array.of(VERSION), encodeVector(clients));
}

/** The inverse of {@link encodeClients}. @throws {EnclaveStateVersionError | ScaleError} not the encoding of any */
export function decodeClients(
  bytes: Uint8Array,
  { lightClients }: MeasuredConfig,
): DurableState['lightClients'] {
  const cursor = createScaleCursor(bytes);
  requireVersion(readU8(cursor));
  const records = readVector(cursor, lightClients.length, () => ({
    id: toHex(readByteVector(cursor)),
    client: readByteVector(cursor),
  }));
  expectEnd(cursor);
  const clients = lightClients.map((config, i) => {
    const record = records[i];
    if (record?.id !== toHex(utf8(config.id))) {
      const expected = `the light client ${config.id} at place ${i}`;
      throw new ScaleError('SCALE_OUT_OF_RANGE', cursor.offset, expected);
    }
    return [config.id, decodeClient(config, record.client, MAX_RECENT_HEADERS)] as const;
  });
  return new Map(clients);
}

/** The record that says which others are the ledger: replaced by every transition, after they are written. */
export function encodeLedgerRecords(records: LedgerRecords): Uint8Array {
  const { base, deltaBytes, number, stateId } = records;
  return concatBytes(
    Uint8Array.of(VERSION),
    encodeU64(base.number),
    encodeU32(base.parts),
    encodeU64(BigInt(base.bytes)),
    encodeU64(BigInt(deltaBytes)),
    encodeU64(number),
    fromHex(stateId, 32),
  );
}

/** The inverse of {@link encodeLedgerRecords}. @throws {EnclaveStateVersionError | ScaleError} not the encoding of any */
export function decodeLedgerRecords(bytes: Uint8Array): LedgerRecords {
  const cursor = createScaleCursor(bytes);
  requireVersion(readU8(cursor));
  const base = { number: readU64(cursor), parts: readU32(cursor), bytes: readCount(cursor) };
  const records = {
    base,
    deltaBytes: readCount(cursor),
    number: readU64(cursor),
    stateId: toHex(readBytes(cursor, 32)),
  };
  expectEnd(cursor);
  return records;
}

function readCount(cursor: ScaleCursor): number {
  const count = readU64(cursor);
  if (count <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(count);
  throw new ScaleError('SCALE_OUT_OF_RANGE', cursor.offset, `a count below 2^53, got ${count}`);
}

function requireVersion(version: number): void {
  if (version !== VERSION) throw new EnclaveStateVersionError(version);
}

/** A sealed record of another layout. */
export class EnclaveStateVersionError extends BridgeError<{ version: number }> {
  readonly code = 'ENCLAVE_STATE_VERSION_UNKNOWN';
  readonly disposition = 'halt';
  constructor(version: number) {
    super(
      `Sealed state refused: expected layout ${VERSION}, got ${version}; start in an empty folder.`,
      { version },
    );
  }
}
