import type * as z from 'zod';
import type { ChainKind, Route } from '../protocol/chain-kind.ts';
import type { LightClientStatus } from '../protocol/enclave-commands.ts';
import type { StateProofOf } from '../protocol/state-proof.ts';
import type { Hex } from '../shared/bytes.ts';

/** What a kind of light client works on, by its own types. */
export interface LightClientTypes {
  /** The part of the measured configuration that it starts from. */
  readonly config: unknown;
  /** All that it knows of its chain. */
  readonly store: unknown;
  /** What it remembers of a final block. */
  readonly block: FinalBlock;
  /** What takes it further, as nodes serve it, read. */
  readonly update: unknown;
  /** An update that was checked against a store. */
  readonly verified: unknown;
  /** What may be shown of a contract in a final block, in a proof bundle. */
  readonly statement: unknown;
}

/**
 * What a kind of chain's light client does. Pure: one function each of the specification it follows, by that kind's own
 * types. A consensus has one light client, whichever chains lean on it: two parachains share their relay chain's.
 */
export interface LightClient<K extends ChainKind, T extends LightClientTypes> {
  readonly kind: K;
  /** How the measured configuration names a contract on this kind of chain. */
  readonly contractSchema: z.ZodType<MeasuredContract>;
  /** The ways that lead from this kind's headers to a contract's state. */
  readonly routeSchema: z.ZodType<Route>;
  /** The store that the configuration alone gives; null if a bootstrap has to come first. */
  initialize(config: T['config']): T['store'] | null;
  /**
   * The store at the pinned checkpoint, by what the checkpoint commits to; null on kinds that need none.
   *
   * @throws {BridgeError} it is none, or the checkpoint does not commit to it
   */
  readonly bootstrap: ((json: unknown, config: T['config']) => T['store']) | null;
  /** Reads an update. @throws {BridgeError} it is none */
  parse(json: unknown, config: T['config']): T['update'];
  /** Checks an update against the store. @throws {BridgeError} the rule that it breaks */
  verify(store: T['store'], update: T['update'], config: T['config']): T['verified'];
  /** Takes a verified update in. */
  apply(store: T['store'], verified: T['verified']): T['store'];
  /** The store as bytes to be sealed. */
  encode(store: T['store']): Uint8Array;
  /** The inverse of `encode`. @throws {BridgeError} not the encoding of any */
  decode(bytes: Uint8Array, config: T['config']): T['store'];
  /** The newest final block. */
  finalBlock(store: T['store']): T['block'];
  /** What is remembered of a final block, as bytes to be sealed. */
  encodeBlock(block: T['block']): Uint8Array;
  /** The inverse of `encodeBlock`. @throws {BridgeError} not the encoding of any */
  decodeBlock(bytes: Uint8Array): T['block'];
  /** What the client says of itself to anyone; `store` is null before the bootstrap. */
  describe(client: string, store: T['store'] | null, config: T['config']): LightClientStatus;
  /**
   * Proves one storage word of a contract, and the time of its block, under one of the blocks that are known to be final.
   *
   * @throws {StateProofError} the proof is of another block or route, or of no contract
   * @throws {BridgeError} as the kind's verifiers: it is of another account, slot or state
   */
  proveWord(proof: StateProofOf<K>, at: WordPlace, known: Known<T>): ProvenWord;
  /**
   * How old the pinned checkpoint is, in seconds: by the store that starts from it or, before that, by what the
   * configuration states. Undefined if neither says when its block was made.
   *
   * @throws {CheckpointAgeError} older than the weak-subjectivity period
   */
  checkpointAgeSec(
    config: T['config'],
    store: T['store'] | null,
    nowSec: bigint,
  ): bigint | undefined;
  /** What people, and proof bundles, are told and shown. */
  readonly evidence: EvidenceWords<T>;
}

/** What proof bundles may hold of a kind of chain, and how it is put to people. */
export interface EvidenceWords<T extends LightClientTypes> {
  /** A block that somebody takes to be final without a proof. */
  readonly blockSchema: z.ZodType<T['block']>;
  readonly statementSchema: z.ZodType<T['statement']>;
  /** What is pinned, a line each. */
  checkpoint(config: T['config']): readonly string[];
  /** What a bootstrap or an update has made final. */
  progress(before: T['store'] | null, after: T['store']): string;
  /** Checks a statement and says what it shows. @throws {BridgeError} it shows nothing */
  prove(statement: T['statement'], route: Route, known: Known<T>): string;
}

/** A storage word of a contract, and when the block was made whose state has it. */
export interface ProvenWord {
  /** 32 bytes; zero where nothing is stored. */
  readonly word: Hex;
  /** In whole seconds of Unix time, rounded down. */
  readonly blockTimeSec: bigint;
}

/** A block that a light client has shown to be final. */
export interface FinalBlock {
  /** 32 bytes. */
  readonly hash: Hex;
}

/** The final blocks that proofs may be under. */
export interface Known<T extends LightClientTypes> {
  /** What the configuration calls the light client; stands in errors. */
  readonly client: string;
  /** Undefined where blocks are taken to be final without a light client. */
  readonly config: T['config'] | undefined;
  readonly recent: readonly T['block'][];
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
}
