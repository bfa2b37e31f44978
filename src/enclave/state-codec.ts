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
import { sha256 } from '../crypto/hashes.ts';
import { decodeState, encodeState } from '../ledger/state-codec.ts';
import {
  decodeLightClientStore,
  encodeLightClientStore,
} from '../light-client/ethereum/store-codec.ts';
import type { ExecutionBlock } from '../light-client/ethereum/types.ts';
import type { FinalizedBlock } from '../light-client/polkadot/store.ts';
import { decodePolkadotStore, encodePolkadotStore } from '../light-client/polkadot/store-codec.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { MeasuredConfig } from './measured-config.ts';
import {
  type AnchoredTransition,
  type DurableState,
  MAX_RECENT_HEADERS,
  MAX_REVEALABLE,
} from './state.ts';
import { encodeTransition } from './transition-codec.ts';

// The one record that a command replaces. Layout, in SCALE: version u8 ‖ Option<Ethereum> ‖ Polkadot ‖ Bytes(ledger)
// ‖ stateId 32 ‖ Vec<(number u64, SHA-256 of the transition's own record)>; a chain is its store's bytes and a vector
// of recent blocks. The transitions are records of their own and named here by hash, so that records of different
// ages cannot be mixed.

const VERSION = 1;

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
): Uint8Array {
  return concatBytes(
    Uint8Array.of(VERSION),
    encodeEthereum(state.ethereum),
    encodeByteVector(encodePolkadotStore(state.polkadot.store)),
    encodeVector(state.polkadot.recent.map(encodeFinalizedBlock)),
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
  const ethereum = readEthereum(cursor, config);
  const store = decodePolkadotStore(readByteVector(cursor));
  const recent = readVector(cursor, MAX_RECENT_HEADERS, readFinalizedBlock);
  const ledger = decodeState(readByteVector(cursor));
  const stateId = toHex(readBytes(cursor, 32));
  const references = readVector(cursor, MAX_REVEALABLE, readReference);
  expectEnd(cursor);
  const state = { ethereum, polkadot: { store, recent }, ledger: { state: ledger, stateId } };
  return { state, references };
}

function encodeEthereum(ethereum: DurableState['ethereum']): Uint8Array {
  if (ethereum === null) return Uint8Array.of(0);
  return concatBytes(
    Uint8Array.of(1),
    encodeByteVector(encodeLightClientStore(ethereum.store)),
    encodeVector(ethereum.recent.map(encodeExecutionBlock)),
  );
}

function readEthereum(cursor: ScaleCursor, { ethereum }: MeasuredConfig): DurableState['ethereum'] {
  const flag = readU8(cursor);
  if (flag > 1) {
    throw new ScaleError('SCALE_OUT_OF_RANGE', cursor.offset - 1, `a flag of 0 or 1, got ${flag}`);
  }
  if (flag === 0) return null;
  return {
    store: decodeLightClientStore(readByteVector(cursor), ethereum.lightClient),
    recent: readVector(cursor, MAX_RECENT_HEADERS, readExecutionBlock),
  };
}

function encodeExecutionBlock(block: ExecutionBlock): Uint8Array {
  return concatBytes(
    fromHex(block.blockHash, 32),
    encodeU64(block.blockNumber),
    fromHex(block.stateRoot, 32),
    encodeU64(block.timestamp),
  );
}

function readExecutionBlock(cursor: ScaleCursor): ExecutionBlock {
  return {
    blockHash: toHex(readBytes(cursor, 32)),
    blockNumber: readU64(cursor),
    stateRoot: toHex(readBytes(cursor, 32)),
    timestamp: readU64(cursor),
  };
}

function encodeFinalizedBlock({ number, hash, stateRoot }: FinalizedBlock): Uint8Array {
  return concatBytes(encodeU32(number), fromHex(hash, 32), fromHex(stateRoot, 32));
}

function readFinalizedBlock(cursor: ScaleCursor): FinalizedBlock {
  return {
    number: readU32(cursor),
    hash: toHex(readBytes(cursor, 32)),
    stateRoot: toHex(readBytes(cursor, 32)),
  };
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
