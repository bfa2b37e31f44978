import { type Hex, HexError } from '../shared/bytes.ts';
import { LedgerError } from './ledger-error.ts';
import {
  branchOf,
  firstDifferingBit,
  hashOf,
  LEAF_BIT,
  type Leaf,
  leafOf,
  leavesOf,
  nearestLeaf,
  putLeaf,
  putLeafInPlace,
  type Trie,
  withoutKey,
  withoutKeyInPlace,
} from './trie.ts';
import { compareTries } from './trie-diff.ts';

/** How a map's values are written. */
export interface ValueCodec<V> {
  /** The bytes of a value as hexadecimal digits, which is what they are put together from: see `encoding.ts`. */
  digits(value: V): string;
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
  /** What holds the entries, undefined of the empty map; for this file only. */
  readonly trie: Trie<V> | undefined;
  get(key: Hex): V | undefined;
  /** @throws {HexError} a key that is not 32 bytes in lower case */
  set(key: Hex, value: V): AuthMap<V>;
  /** The same map if the key is not there. */
  delete(key: Hex): AuthMap<V>;
  /** 32 bytes; zero for the empty map. Hashes only what has changed since it was asked last. */
  root(): Hex;
  /** All entries by ascending key. */
  entries(): IterableIterator<[Hex, V]>;
}

/** A key and what is under it. */
export interface MapEntry<V> {
  readonly key: Hex;
  readonly value: V;
}

/** An entry that differs between two maps; undefined where it is not there any more. */
export interface MapChange<V> {
  readonly key: Hex;
  readonly value: V | undefined;
}

const KEY = /^0x[0-9a-f]{64}$/;
const EMPTY_ROOT: Hex = `0x${'00'.repeat(32)}`;

/** The map without entries. */
export function emptyMap<V>(codec: ValueCodec<V>): AuthMap<V> {
  return mapOf(codec, undefined, 0);
}

/**
 * A map of many entries at once, in time proportional to them.
 *
 * @param entries by ascending key, none twice
 * @throws {LedgerError} LEDGER_STATE_MALFORMED: they are not
 * @throws {HexError} a key that is not 32 bytes in lower case
 */
export function mapFromEntries<V>(
  codec: ValueCodec<V>,
  entries: Iterable<readonly [Hex, V]>,
): AuthMap<V> {
  // The right edge from the top down: branches whose left side is complete. `right` will be below the last of them.
  const edge: { readonly bit: number; readonly left: Trie<V> }[] = [];
  let right: Trie<V> | undefined;
  let last: Hex | undefined;
  let size = 0;
  for (const [key, value] of entries) {
    if (right !== undefined && last !== undefined) {
      requireAfter(last, key);
      const bit = firstDifferingBit(last, key);
      edge.push({ bit, left: joinBelow(edge, bit, right) });
    }
    right = leafOf(requireKey(key), value);
    last = key;
    size++;
  }
  return mapOf(codec, right && joinBelow(edge, -1, right), size);
}

/** What takes `before` to `after`, by ascending key; costs what differs if one was made from the other. */
export function diffMaps<V>(before: AuthMap<V>, after: AuthMap<V>): MapChange<V>[] {
  const changes: MapChange<V>[] = [];
  compareTries(before.trie, after.trie, (old, now) => {
    const key = (now ?? old)?.key;
    const isSame =
      old !== undefined &&
      now !== undefined &&
      before.codec.digits(old.value) === after.codec.digits(now.value);
    if (key !== undefined && !isSame) changes.push({ key, value: now?.value });
  });
  return changes;
}

/** The inverse of {@link diffMaps}. @throws {HexError} a key that is not 32 bytes in lower case */
export function applyChanges<V>(before: AuthMap<V>, changes: readonly MapChange<V>[]): AuthMap<V> {
  const edit = editMap(before);
  for (const { key, value } of changes) {
    if (value === undefined) edit.delete(key);
    else edit.set(key, value);
  }
  return edit.done();
}

/**
 * A map while many entries of it are changed, one behind the other: it makes anew only what it has not made itself, so that a
 * change costs a third of what {@link AuthMap.set} does. The map that it began with stays as it is.
 */
export interface MapEdit<V> extends Pick<AuthMap<V>, 'get'> {
  /** @throws {HexError} a key that is not 32 bytes in lower case */
  set(key: Hex, value: V): void;
  /**
   * Sets what follows from the entry that looking for `key` ends at, whether it is that key's or not: under `key`, or again under the
   * key that is there. Nothing if the map is empty.
   *
   * @throws {HexError} a key that is not 32 bytes in lower case
   */
  setNear(key: Hex, entryOf: (near: MapEntry<V>) => MapEntry<V>): void;
  /** Nothing if the key is not there. */
  delete(key: Hex): void;
  /** As it is now. What is changed afterwards changes another map. */
  done(): AuthMap<V>;
}

/** Begins to change `map`. Whatever has no hash from here on is of the edit alone: so what is there gets one first. */
export function editMap<V>(map: AuthMap<V>): MapEdit<V> {
  const { codec } = map;
  let { trie, size } = map;
  map.root();
  const put = (near: Leaf<V> | undefined, { key, value }: MapEntry<V>) => {
    const leaf = leafOf(requireKey(key), value);
    const differing = near ? firstDifferingBit(near.key, key) : 0;
    if (differing !== LEAF_BIT) size++;
    trie = trie ? putLeafInPlace(trie, leaf, differing) : leaf;
  };
  return {
    get: (key) => findLeaf(trie, key)?.value,
    set: (key, value) => put(trie && nearestLeaf(trie, key), { key, value }),
    setNear(key, entryOf) {
      const near = trie && nearestLeaf(trie, key);
      if (near !== undefined) put(near, entryOf(near));
    },
    delete(key) {
      if (trie === undefined || findLeaf(trie, key) === undefined) return;
      trie = withoutKeyInPlace(trie, key);
      size--;
    },
    done() {
      const changed = mapOf(codec, trie, size);
      changed.root();
      return changed;
    },
  };
}

function findLeaf<V>(trie: Trie<V> | undefined, key: Hex): Leaf<V> | undefined {
  const leaf = trie && nearestLeaf(trie, key);
  return leaf?.key === key ? leaf : undefined;
}

function mapOf<V>(codec: ValueCodec<V>, trie: Trie<V> | undefined, size: number): AuthMap<V> {
  const map: AuthMap<V> = {
    size,
    codec,
    trie,
    get: (key) => findLeaf(trie, key)?.value,
    set(key, value) {
      const leaf = leafOf(requireKey(key), value);
      if (trie === undefined) return mapOf(codec, leaf, 1);
      const differing = firstDifferingBit(nearestLeaf(trie, key).key, key);
      const isNew = differing !== LEAF_BIT;
      return mapOf(codec, putLeaf(trie, leaf, differing), isNew ? size + 1 : size);
    },
    delete(key) {
      if (trie === undefined || findLeaf(trie, key) === undefined) return map;
      return mapOf(codec, withoutKey(trie, key), size - 1);
    },
    root: () => (trie === undefined ? EMPTY_ROOT : `0x${hashOf(trie, codec.digits)}`),
    *entries() {
      if (trie === undefined) return;
      for (const { key, value } of leavesOf(trie)) yield [key, value];
    },
  };
  return map;
}

/** Takes the branches below `bit` off the edge and closes them over `right`. */
function joinBelow<V>(
  edge: { readonly bit: number; readonly left: Trie<V> }[],
  bit: number,
  right: Trie<V>,
): Trie<V> {
  let joined = right;
  for (let top = edge.at(-1); top !== undefined && top.bit > bit; top = edge.at(-1)) {
    joined = branchOf(top.bit, top.left, joined);
    edge.pop();
  }
  return joined;
}

function requireKey(key: Hex): Hex {
  if (KEY.test(key)) return key;
  throw new HexError('not 32 bytes in lower case', { text: key.slice(0, 80) });
}

function requireAfter(last: Hex, key: Hex): void {
  if (last < key) return;
  throw new LedgerError('LEDGER_STATE_MALFORMED', 'entries by ascending key', { last, key });
}
