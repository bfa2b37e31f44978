import type { Hex } from '../shared/bytes.ts';

/** How a map's values are written. */
export interface ValueCodec<V> {
  encode(value: V): Uint8Array;
  /** @throws {BridgeError} not the one encoding of any value */
  decode(bytes: Uint8Array): V;
}

/**
 * An immutable map from 32-byte keys with an authenticated root: equal maps have equal roots, whatever order they were
 * built in, and different ones different roots. A change costs O(log n); what two maps have in common they share.
 */
export interface AuthMap<V> {
  readonly size: number;
  readonly codec: ValueCodec<V>;
  get(key: Hex): V | undefined;
  set(key: Hex, value: V): AuthMap<V>;
  /** The same map if the key is not there. */
  delete(key: Hex): AuthMap<V>;
  /** 32 bytes; zero for the empty map. Hashes only what has changed since it was asked last. */
  root(): Hex;
  /** All entries by ascending key. */
  entries(): IterableIterator<[Hex, V]>;
}

/** An entry that differs between two maps; undefined where it is not there any more. */
export interface MapChange<V> {
  readonly key: Hex;
  readonly value: V | undefined;
}

export declare function emptyMap<V>(codec: ValueCodec<V>): AuthMap<V>;
/** What takes `before` to `after`, by ascending key; costs what differs if one was made from the other. */
export declare function diffMaps<V>(before: AuthMap<V>, after: AuthMap<V>): MapChange<V>[];
