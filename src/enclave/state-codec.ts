import {
  createScaleCursor,
  encodeByteVector,
  encodeU64,
  encodeVector,
  expectEnd,
  readBytes,
  readByteVector,
  readU8,
  readU64,
  readVector,
  type ScaleCursor,
  ScaleError,
} from '../codec/scale.ts';
import { sha256 } from '../crypto/hashes.ts';
import { decodeState, encodeState } from '../ledger/state-codec.ts';
import { decodeClient, encodeClient } from '../light-client/client-state.ts';
import { MAX_REVEALABLE } from '../protocol/limits.ts';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { MeasuredConfig } from './measured-config.ts';
import {
  type AnchoredTransition,
  clientStateOf,
  type DurableState,
  MAX_RECENT_HEADERS,
} from './state.ts';
import { encodeTransition } from './transition-codec.ts';

// The one record that a command replaces. Layout, in SCALE: version u8 ‖ Vec<(Bytes(client id), Bytes(client))> ‖
// Bytes(ledger) ‖ stateId 32 ‖ Vec<(number u64, SHA-256 of the transition's own record)>; light clients stand in the
// order of the measured configuration, each as `encodeClient` writes it. The transitions are records of their own and
// named here by hash, so that records of different ages cannot be mixed.

const VERSION = 3;

/** A transition's own record, by what the state says of it. */
export interface TransitionReference {
  readonly number: bigint;
  readonly digest: Hex;
}

/** How the state's record names a transition's. */
export function referenceOf(transition: AnchoredTransition): TransitionReference {
  return { number: transition.number, digest: toHex(sha256(encodeTransition(transition))) };
}

/** The state's record. About 50 KB with a mainnet committee; independent of the messages in flight. */
export function encodeDurableState(
  state: DurableState,
  references: readonly TransitionReference[],
  config: MeasuredConfig,
): Uint8Array {
  return concatBytes(
    Uint8Array.of(VERSION),
    encodeVector(
      config.lightClients.map((each) => {
        const client = encodeClient(each, clientStateOf(state, each.id));
        return concatBytes(encodeByteVector(utf8(each.id)), encodeByteVector(client));
      }),
    ),
    encodeByteVector(encodeState(state.ledger.state)),
    fromHex(state.ledger.stateId, 32),
    encodeVector(
      references.map(({ number, digest }) => concatBytes(encodeU64(number), fromHex(digest, 32))),
    ),
  );
}

/** The inverse of {@link encodeDurableState}; the transitions are still to be read by their references. */
export function decodeDurableState(
  bytes: Uint8Array,
  config: MeasuredConfig,
): { state: Omit<DurableState, 'revealable'>; references: readonly TransitionReference[] } {
  const cursor = createScaleCursor(bytes);
  const version = readU8(cursor);
  if (version !== VERSION) throw new EnclaveStateVersionError(version);
  const lightClients = readClients(cursor, config);
  const ledger = decodeState(readByteVector(cursor));
  const stateId = toHex(readBytes(cursor, 32));
  const references = readVector(cursor, MAX_REVEALABLE, readReference);
  expectEnd(cursor);
  const state = { lightClients, ledger: { state: ledger, stateId } };
  return { state, references };
}

function readClients(
  cursor: ScaleCursor,
  { lightClients }: MeasuredConfig,
): DurableState['lightClients'] {
  const records = readVector(cursor, lightClients.length, () => ({
    id: toHex(readByteVector(cursor)),
    client: readByteVector(cursor),
  }));
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

function readReference(cursor: ScaleCursor): TransitionReference {
  return { number: readU64(cursor), digest: toHex(readBytes(cursor, 32)) };
}

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
