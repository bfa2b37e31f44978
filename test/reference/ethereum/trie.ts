import { keccak_256 } from '@noble/hashes/sha3.js';
import type { RlpItem } from '../../../src/codec/rlp.ts';
import { rlp } from './rlp.ts';

// A Merkle-Patricia trie built from all its entries at once, as the Yellow Paper defines it.

/** A key in nibbles with its value. */
type Entry = readonly [nibbles: readonly number[], value: Uint8Array];

/** A trie over its entries. */
export interface ReferenceTrie {
  readonly root: Uint8Array;
  /** The nodes on the way of `key`, those inside their parents left out. */
  prove(key: Uint8Array): Uint8Array[];
}

/** The trie of the given entries; no value is empty, no key occurs twice. */
export function referenceTrie(
  entries: readonly (readonly [Uint8Array, Uint8Array])[],
): ReferenceTrie {
  const all: Entry[] = entries.map(([key, value]) => [toNibbles(key), value]);
  const encoded = Uint8Array.from(rlp(node(all)));
  return {
    root: keccak_256(encoded),
    prove: (key) => (all.length === 0 ? [] : [encoded, ...path(all, toNibbles(key))]),
  };
}

/** The node over these entries. */
function node(entries: readonly Entry[]): RlpItem {
  const [first, ...others] = entries;
  if (first === undefined) return new Uint8Array();
  if (others.length === 0) return [hexPrefix(first[0], true), first[1]];
  const shared = commonPrefix(entries);
  if (shared > 0) return [hexPrefix(first[0].slice(0, shared), false), link(cut(entries, shared))];
  const children = Array.from({ length: 16 }, (_, nibble) => link(below(entries, nibble)));
  const here = entries.find(([nibbles]) => nibbles.length === 0);
  return [...children, here?.[1] ?? new Uint8Array()];
}

/** How a parent names the node over these entries: not at all, by itself, or by its hash. */
function link(entries: readonly Entry[]): RlpItem {
  const child = node(entries);
  if (entries.length === 0 || rlp(child).length < 32) return child;
  return keccak_256(Uint8Array.from(rlp(child)));
}

/** The hashed nodes below the node over these entries, towards the key. */
function path(entries: readonly Entry[], nibbles: readonly number[]): Uint8Array[] {
  if (entries.length < 2) return [];
  const shared = commonPrefix(entries);
  const [next] = nibbles;
  if (shared > 0) {
    const prefix = entries[0]?.[0].slice(0, shared) ?? [];
    const isOnPath = prefix.every((nibble, i) => nibble === nibbles[i]);
    return isOnPath ? step(cut(entries, shared), nibbles.slice(shared)) : [];
  }
  return next === undefined ? [] : step(below(entries, next), nibbles.slice(1));
}

function step(entries: readonly Entry[], nibbles: readonly number[]): Uint8Array[] {
  if (entries.length === 0) return [];
  const encoded = Uint8Array.from(rlp(node(entries)));
  return [...(encoded.length < 32 ? [] : [encoded]), ...path(entries, nibbles)];
}

function below(entries: readonly Entry[], nibble: number): Entry[] {
  return cut(
    entries.filter(([nibbles]) => nibbles[0] === nibble),
    1,
  );
}

function cut(entries: readonly Entry[], count: number): Entry[] {
  return entries.map(([nibbles, value]) => [nibbles.slice(count), value]);
}

function commonPrefix(entries: readonly Entry[]): number {
  const [first = [[]]] = entries;
  let length = 0;
  const isShared = (at: number) =>
    entries.every(([nibbles]) => at < nibbles.length && nibbles[at] === first[0][at]);
  while (isShared(length)) length++;
  return length;
}

function hexPrefix(nibbles: readonly number[], isLeaf: boolean): Uint8Array {
  const isOdd = nibbles.length % 2 === 1;
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  const padded = isOdd ? [flag, ...nibbles] : [flag, 0, ...nibbles];
  return Uint8Array.from(
    { length: padded.length / 2 },
    (_, i) => 16 * (padded[2 * i] ?? 0) + (padded[2 * i + 1] ?? 0),
  );
}

function toNibbles(key: Uint8Array): number[] {
  return [...key].flatMap((byte) => [byte >> 4, byte & 15]);
}
