import { sha256Digits } from '../crypto/hashes.ts';
import type { Hex } from '../shared/bytes.ts';

// SPEC: docs/wire-formats.md, "Authenticated maps". A crit-bit trie: a branch for every bit in which keys differ first, and
// nothing for the bits they share, so that a set of keys has one trie whatever order they came in. Nothing recurses deeper
// than the 256 bits of a key.

/**
 * Nodes of the trie; never changed but for the hash, which is filled in when it is first asked for, and before that by whoever
 * has made them (see `editMap`).
 */
export type Trie<V> = Leaf<V> | Branch<V>;

/** An entry. */
export interface Leaf<V> {
  readonly bit: typeof LEAF_BIT;
  /** 32 bytes in lower case. */
  readonly key: Hex;
  readonly value: V;
  /** 64 digits. */
  hash: string | undefined;
}

interface Branch<V> {
  /** The first bit in which the keys below differ, 0 the highest of the first byte. Grows on the way down. */
  readonly bit: number;
  /** Keys in which it is 0. */
  left: Trie<V>;
  /** Keys in which it is 1. */
  right: Trie<V>;
  /** 64 digits. */
  hash: string | undefined;
}

/** Behind every bit of a key. */
export const LEAF_BIT = 256;
const LEAF_DOMAIN = 0;
const BRANCH_DOMAIN = 1;
/** Of a hash, and of a key. */
const HASH_BYTES = 32;

/** A trie of one entry. */
export function leafOf<V>(key: Hex, value: V): Leaf<V> {
  return { bit: LEAF_BIT, key, value, hash: undefined };
}

/** Two tries that first differ in `bit`, joined. */
export function branchOf<V>(bit: number, left: Trie<V>, right: Trie<V>): Branch<V> {
  return { bit, left, right, hash: undefined };
}

/** Whether it is a single entry. */
export function isLeaf<V>(trie: Trie<V>): trie is Leaf<V> {
  return trie.bit === LEAF_BIT;
}

/** The only entry that can have this key: keys below a branch are told apart by its bit alone. */
export function nearestLeaf<V>(trie: Trie<V>, key: Hex): Leaf<V> {
  let node = trie;
  while (!isLeaf(node)) node = bitOf(key, node.bit) === 0 ? node.left : node.right;
  return node;
}

/** The entry with the lowest key. */
export function firstLeaf<V>(trie: Trie<V>): Leaf<V> {
  let node = trie;
  while (!isLeaf(node)) node = node.left;
  return node;
}

/**
 * A new trie with `leaf` added, or in the place of the entry with its key.
 *
 * @param differing the first bit in which its key differs from that of its {@link nearestLeaf}
 */
export function putLeaf<V>(trie: Trie<V>, leaf: Leaf<V>, differing: number): Trie<V> {
  if (differing < trie.bit) {
    const isLow = bitOf(leaf.key, differing) === 0;
    return isLow ? branchOf(differing, leaf, trie) : branchOf(differing, trie, leaf);
  }
  if (isLeaf(trie)) return leaf;
  const { bit, left, right } = trie;
  return bitOf(leaf.key, bit) === 0
    ? branchOf(bit, putLeaf(left, leaf, differing), right)
    : branchOf(bit, left, putLeaf(right, leaf, differing));
}

/** A new trie without `key`, which must be in it; undefined if nothing is left. */
export function withoutKey<V>(trie: Trie<V>, key: Hex): Trie<V> | undefined {
  if (isLeaf(trie)) return undefined;
  const { bit, left, right } = trie;
  if (bitOf(key, bit) === 0) {
    const rest = withoutKey(left, key);
    return rest === undefined ? right : branchOf(bit, rest, right);
  }
  const rest = withoutKey(right, key);
  return rest === undefined ? left : branchOf(bit, left, rest);
}

/** As {@link putLeaf}, but branches that have no hash are changed, and only what has one is left as it is. */
export function putLeafInPlace<V>(trie: Trie<V>, leaf: Leaf<V>, differing: number): Trie<V> {
  if (isLeaf(trie) || differing < trie.bit) return putLeaf(trie, leaf, differing);
  const isLow = bitOf(leaf.key, trie.bit) === 0;
  const below = putLeafInPlace(isLow ? trie.left : trie.right, leaf, differing);
  return withSide(trie, isLow, below);
}

/** As {@link withoutKey}, likewise. */
export function withoutKeyInPlace<V>(trie: Trie<V>, key: Hex): Trie<V> | undefined {
  if (isLeaf(trie)) return undefined;
  const isLow = bitOf(key, trie.bit) === 0;
  const rest = withoutKeyInPlace(isLow ? trie.left : trie.right, key);
  if (rest === undefined) return isLow ? trie.right : trie.left;
  return withSide(trie, isLow, rest);
}

function withSide<V>(branch: Branch<V>, isLow: boolean, below: Trie<V>): Branch<V> {
  const { bit, left, right, hash } = branch;
  if (hash !== undefined) {
    return isLow ? branchOf(bit, below, right) : branchOf(bit, left, below);
  }
  if (isLow) branch.left = below;
  else branch.right = below;
  return branch;
}

/** All entries by ascending key. */
export function* leavesOf<V>(trie: Trie<V>): Generator<Leaf<V>, undefined> {
  const waiting: Trie<V>[] = [trie];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isLeaf(node)) yield node;
    else waiting.push(node.right, node.left);
  }
}

/**
 * The hash of a trie, 64 digits: sha256(0 ‖ key ‖ value) of an entry, sha256(1 ‖ bit u8 ‖ left ‖ right) of a branch.
 * Computes what nobody has asked for before.
 */
export function hashOf<V>(trie: Trie<V>, digits: (value: V) => string): string {
  return hashNode(trie, digits);
}

/** The first bit in which two keys differ; {@link LEAF_BIT} of a key and itself. */
export function firstDifferingBit(a: Hex, b: Hex): number {
  for (let i = 2; i < a.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return 4 * (i - 2) + Math.clz32(digit(x) ^ digit(y)) - 28;
  }
  return LEAF_BIT;
}

/** A bit of a key, 0 or 1. */
export function bitOf(key: Hex, bit: number): number {
  return (digit(key.charCodeAt(2 + (bit >> 2))) >> (3 - (bit & 3))) & 1;
}

function hashNode<V>(trie: Trie<V>, digits: (value: V) => string): string {
  if (trie.hash !== undefined) return trie.hash;
  trie.hash = isLeaf(trie)
    ? hashLeaf(trie.key, digits(trie.value))
    : hashBranch(trie.bit, hashNode(trie.left, digits), hashNode(trie.right, digits));
  return trie.hash;
}

function hashBranch(bit: number, left: string, right: string): string {
  branchInput[1] = bit;
  leftField.setFromHex(left);
  rightField.setFromHex(right);
  return sha256Digits(branchInput);
}

function hashLeaf(key: Hex, value: string): string {
  const length = 1 + HASH_BYTES + value.length / 2;
  const input = length > leafInput.length ? new Uint8Array(length) : leafInput.subarray(0, length);
  input[0] = LEAF_DOMAIN;
  input.subarray(1).setFromHex(key.slice(2) + value);
  return sha256Digits(input);
}

// Overwritten by every hash: making room anew takes longer than hashing.
const branchInput = Uint8Array.of(BRANCH_DOMAIN, ...new Uint8Array(1 + 2 * HASH_BYTES));
const leftField = branchInput.subarray(2, 2 + HASH_BYTES);
const rightField = branchInput.subarray(2 + HASH_BYTES);
const leafInput = new Uint8Array(512);

/** The value of a lower-case hexadecimal digit, by its character code. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
