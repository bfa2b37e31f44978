import type { z } from 'zod';
import type { ChainKind, Route } from '../protocol/chain-kind.ts';
import type { LightClientStatus } from '../protocol/enclave-commands.ts';
import type { StateProofOf } from '../protocol/state-proof.ts';
import type { Hex } from '../shared/bytes.ts';

/**
 * What a kind of chain's light client does. Pure: one function each of the specification it follows, by that kind's own
 * types. A consensus has one light client, whichever chains lean on it: two parachains share their relay chain's.
 */
export interface LightClient<K extends ChainKind, Config, Store, Bootstrap, Update, Verified> {
  readonly kind: K;
  /** The part of the measured configuration that it starts from. */
  readonly configSchema: z.ZodType<Config>;
  /** The store that the configuration alone gives; null if a bootstrap has to come first. */
  initialize(config: Config): Store | null;
  /** Reads what the pinned checkpoint commits to. @throws {BridgeError} it is none */
  parseBootstrap(json: unknown, config: Config): Bootstrap;
  /** The store at the pinned checkpoint. @throws {BridgeError} the checkpoint does not commit to it */
  bootstrap(config: Config, bootstrap: Bootstrap): Store;
  /** Reads an update. @throws {BridgeError} it is none */
  parse(json: unknown, config: Config): Update;
  /** Checks an update against the store. @throws {BridgeError} the rule that it breaks */
  verify(store: Store, update: Update, config: Config): Verified;
  /** Takes a verified update in. */
  apply(store: Store, verified: Verified): Store;
  /** The store as bytes to be sealed. */
  encode(store: Store): Uint8Array;
  /** The inverse of `encode`. @throws {BridgeError} not the encoding of any */
  decode(bytes: Uint8Array, config: Config): Store;
  /** The newest final block. */
  finalBlock(store: Store): FinalBlock;
  /** What the client says of itself to anyone; `store` is null before the bootstrap. */
  describe(client: string, store: Store | null, config: Config): LightClientStatus;
  /**
   * Proves one storage word of a contract under one of the blocks that are known to be final.
   *
   * @returns 32 bytes; zero where nothing is stored
   * @throws {BridgeError} the proof is of another block, route, contract or slot
   */
  proveWord(proof: StateProofOf<K>, at: WordPlace): Hex;
}

/** A block that a light client has shown to be final. */
export interface FinalBlock {
  /** 32 bytes. */
  readonly hash: Hex;
  /** 32 bytes; undefined where the light client's headers prove the hash alone. */
  readonly stateRoot: Hex | undefined;
}

/** A contract, as the measured configuration names it. */
export interface MeasuredContract {
  /** 20 bytes. */
  readonly address: Hex;
  /** Id of the contract's child trie, 32 bytes, on kinds of chains that have one. */
  readonly trieId?: Hex | undefined;
}

/** What a storage proof is to be about. The configuration says it, never the proof. */
export interface WordPlace {
  readonly contract: MeasuredContract;
  /** 32 bytes. */
  readonly slot: Hex;
  readonly route: Route;
  /** The final blocks that the light client remembers. */
  readonly recent: readonly FinalBlock[];
}
