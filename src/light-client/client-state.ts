import {
  createScaleCursor,
  encodeByteVector,
  encodeVector,
  expectEnd,
  readByteVector,
  readU8,
  readVector,
  ScaleError,
} from '../codec/scale.ts';
import type { ChainKind } from '../protocol/chain-kind.ts';
import type { LightClientStatus } from '../protocol/enclave-commands.ts';
import type { StateProofOf } from '../protocol/state-proof.ts';
import { concatBytes } from '../shared/bytes.ts';
import { type ClientConfig, type KindTypes, LIGHT_CLIENTS } from './kinds.ts';
import type { LightClient, ProvenWord, WordPlace } from './light-client.ts';

// A light client of any kind, from its configuration on. What the kinds have in common: a store, and the final blocks
// that proofs may still be under.

/** Where a light client stands. */
export interface ClientState<K extends ChainKind = ChainKind> {
  /** Null until the bootstrap, on kinds that need one. */
  readonly store: KindTypes[K]['store'] | null;
  /** The final blocks it remembers, newest last. */
  readonly recent: readonly KindTypes[K]['block'][];
}

/** A state that has been started. */
export type StartedClient<K extends ChainKind = ChainKind> = ClientState<K> & {
  readonly store: KindTypes[K]['store'];
};

/** The light client of a configuration's kind. */
function clientOf<K extends ChainKind>(config: ClientConfig<K>): LightClient<K, KindTypes[K]> {
  return LIGHT_CLIENTS[config.kind];
}

/** Where a light client begins: at its checkpoint, or before the bootstrap. @throws {BridgeError} no such checkpoint can be */
export function initialClient<K extends ChainKind>(config: ClientConfig<K>): ClientState<K> {
  const store = clientOf(config).initialize(config);
  return store === null ? { store, recent: [] } : startAt(config, store);
}

/**
 * Starts a client from what its pinned checkpoint commits to. One that runs stays as it is.
 *
 * @returns undefined on kinds that begin without a bootstrap
 * @throws {BridgeError} it is none, or of another checkpoint
 */
export function bootstrapClient<K extends ChainKind>(
  config: ClientConfig<K>,
  state: ClientState<K>,
  json: unknown,
): ClientState<K> | undefined {
  const { bootstrap } = clientOf(config);
  if (bootstrap === null) return undefined;
  return state.store === null ? startAt(config, bootstrap(json, config)) : state;
}

function startAt<K extends ChainKind>(
  config: ClientConfig<K>,
  store: KindTypes[K]['store'],
): StartedClient<K> {
  return { store, recent: [clientOf(config).finalBlock(store)] };
}

/**
 * Takes a client through one update.
 *
 * @param maxRecent how many final blocks it is to remember
 * @throws {BridgeError} as the kind's `parse` and `verify`: the rule that the update breaks
 */
export function advanceClient<K extends ChainKind>(
  config: ClientConfig<K>,
  { store: before, recent }: StartedClient<K>,
  { update, maxRecent }: { readonly update: unknown; readonly maxRecent: number },
): StartedClient<K> {
  const client = clientOf(config);
  const parsed = client.parse(update, config);
  const store = client.apply(before, client.verify(before, parsed, config));
  const block = client.finalBlock(store);
  // An update may bring a committee and no newer block.
  if (recent.at(-1)?.hash === block.hash) return { store, recent };
  return { store, recent: [...recent, block].slice(-maxRecent) };
}

/** What a client says of itself to anyone. */
export function describeClient<K extends ChainKind>(
  config: ClientConfig<K>,
  { store }: ClientState<K>,
): LightClientStatus {
  return clientOf(config).describe(config.id, store, config);
}

/**
 * Proves one storage word of a contract, and the time of its block, under one of the final blocks that a client remembers.
 *
 * @throws {StateProofError} the proof is of another block or route, or of no contract
 * @throws {BridgeError} as the kind's verifiers: it is of another account, slot or state
 */
export function proveWord<K extends ChainKind>(
  { config, state }: { readonly config: ClientConfig<K>; readonly state: ClientState<K> },
  proof: StateProofOf<K>,
  at: WordPlace,
): ProvenWord {
  const known = { client: config.id, config, recent: state.recent };
  return clientOf(config).proveWord(proof, at, known);
}

/** How old the pinned checkpoint is, in seconds, if that can be told. @throws {CheckpointAgeError} too old */
export function checkpointAgeSec<K extends ChainKind>(
  config: ClientConfig<K>,
  { store }: ClientState<K>,
  nowSec: bigint,
): bigint | undefined {
  return clientOf(config).checkpointAgeSec(config, store, nowSec);
}

/** Option<Bytes(store)> ‖ Vec<Bytes(block)>, in SCALE; store and blocks as their kind encodes them. */
export function encodeClient<K extends ChainKind>(
  config: ClientConfig<K>,
  { store, recent }: ClientState<K>,
): Uint8Array {
  const client = clientOf(config);
  const sealed =
    store === null
      ? [Uint8Array.of(0)]
      : [Uint8Array.of(1), encodeByteVector(client.encode(store))];
  const blocks = recent.map((block) => encodeByteVector(client.encodeBlock(block)));
  return concatBytes(...sealed, encodeVector(blocks));
}

/**
 * The inverse of {@link encodeClient}.
 *
 * @param maxRecent blocks at most
 * @throws {ScaleError} not the encoding of any
 * @throws {BridgeError} as the kind's `decode`
 */
export function decodeClient<K extends ChainKind>(
  config: ClientConfig<K>,
  bytes: Uint8Array,
  maxRecent: number,
): ClientState<K> {
  const client = clientOf(config);
  const cursor = createScaleCursor(bytes);
  const flag = readU8(cursor);
  if (flag > 1) throw new ScaleError('SCALE_OUT_OF_RANGE', 0, `a flag of 0 or 1, got ${flag}`);
  const store = flag === 0 ? null : client.decode(readByteVector(cursor), config);
  const recent = readVector(cursor, maxRecent, () => client.decodeBlock(readByteVector(cursor)));
  expectEnd(cursor);
  return { store, recent };
}
