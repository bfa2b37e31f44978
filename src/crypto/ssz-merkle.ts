import { BYTES_PER_CHUNK } from '../codec/ssz.ts';
import { equalBytes } from '../shared/bytes.ts';
import { sha256 } from './hashes.ts';

// The binary SHA-256 trees of Simple Serialize.
// SPEC: consensus-specs@a08d8a6 ssz/simple-serialize.md (merkleization), ssz/merkle-proofs.md.

/** Overwritten by every pair: hashing is synchronous, and a tree asks for a thousand of them. */
const PAIR = new Uint8Array(2 * BYTES_PER_CHUNK);

/** Roots of all-zero trees of depth 0, 1, 2 … */
const ZERO_HASHES: readonly Uint8Array[] = zeroHashes(16);

/**
 * The root of a tree with the given leaves, zero leaves behind them.
 *
 * SPEC: `merkleize(chunks, limit)` with limit 2^depth.
 *
 * @param chunks leaves in order, each 32 bytes, at most 2^depth (the caller's types fix the count)
 */
export function merkleize(chunks: readonly Uint8Array[], depth: number): Uint8Array {
  let layer = chunks;
  for (let level = 0; level < depth; level++) layer = parents(layer, zeroHash(level));
  return layer[0] ?? zeroHash(depth);
}

/** A list's root: the root of its content with its length, 32 bytes. SPEC: `mix_in_length`. */
export function mixInLength(root: Uint8Array, lengthChunk: Uint8Array): Uint8Array {
  return hashPair(root, lengthChunk);
}

/**
 * True if `leaf` is at generalized index `gindex` of the tree with root `root`.
 *
 * SPEC: `is_valid_merkle_branch`. DIFF FROM SPEC: the branch must have exactly the depth of `gindex`;
 * longer branches with leading zeros (`is_valid_normalized_merkle_branch`) are not accepted.
 *
 * @param leaf   32 bytes, hash tree root of the claimed value (untrusted)
 * @param branch siblings from the leaf up, 32 bytes each (untrusted)
 * @param root   32 bytes, already trusted
 */
export function isValidMerkleBranch(
  leaf: Uint8Array,
  branch: readonly Uint8Array[],
  { gindex, root }: { readonly gindex: number; readonly root: Uint8Array },
): boolean {
  if (branch.length !== branchDepth(gindex)) return false;
  let node = leaf;
  let index = gindex;
  for (const sibling of branch) {
    node = index % 2 === 1 ? hashPair(sibling, node) : hashPair(node, sibling);
    index = Math.floor(index / 2);
  }
  return equalBytes(node, root);
}

/** The number of siblings between generalized index `gindex` and the root: `floorlog2`. */
export function branchDepth(gindex: number): number {
  return 31 - Math.clz32(gindex);
}

/** SHA-256 of two 32-byte nodes: their parent. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  PAIR.set(left, 0);
  PAIR.set(right, BYTES_PER_CHUNK);
  return sha256(PAIR);
}

function parents(layer: readonly Uint8Array[], padding: Uint8Array): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < layer.length; i += 2) {
    above.push(hashPair(layer[i] ?? padding, layer[i + 1] ?? padding));
  }
  return above;
}

/** The root of an all-zero tree of `level` levels. */
function zeroHash(level: number): Uint8Array {
  return ZERO_HASHES[level] ?? hashPair(zeroHash(level - 1), zeroHash(level - 1));
}

function zeroHashes(count: number): readonly Uint8Array[] {
  const hashes: Uint8Array[] = [];
  let hash: Uint8Array = new Uint8Array(BYTES_PER_CHUNK);
  for (let i = 0; i < count; i++) {
    hashes.push(hash);
    hash = hashPair(hash, hash);
  }
  return hashes;
}
