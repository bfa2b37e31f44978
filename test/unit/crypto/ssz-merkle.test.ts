import { describe, expect, it } from 'vitest';
import {
  branchDepth,
  hashPair,
  isValidMerkleBranch,
  merkleize,
} from '../../../src/crypto/ssz-merkle.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { sparseTree } from '../../reference/ethereum/sparse-tree.ts';

const leaf = new Uint8Array(32).fill(7);

describe('Merkle trees of SSZ', () => {
  it('pads with zero subtrees of every depth', () => {
    const zero = new Uint8Array(32);
    expect(merkleize([], 0)).toEqual(zero);
    expect(merkleize([], 1)).toEqual(hashPair(zero, zero));
    expect(toHex(merkleize([], 2))).toBe(
      '0xdb56114e00fdd4c1f85c892bf35ac9a89289aaecb1ebd0a96cde606a748b5d71',
    );
    expect(merkleize([leaf], 0)).toBe(leaf);
    expect(merkleize([leaf], 2)).toEqual(hashPair(hashPair(leaf, zero), hashPair(zero, zero)));
    expect(merkleize([], 20)).toEqual(hashPair(merkleize([], 19), merkleize([], 19)));
  });

  it('does not mix up the hashes of two pairs', () => {
    const a = hashPair(leaf, leaf);
    const b = hashPair(a, leaf);
    expect(a).not.toEqual(b);
    expect(hashPair(leaf, leaf)).toEqual(a);
  });

  // The generalized indices of the specification, with the depth that it gives for each.
  it.each([
    [105, 6],
    [54, 5],
    [55, 5],
    [169, 7],
    [86, 6],
    [87, 6],
    [25, 4],
    [735, 9],
    [2945, 11],
    [2856, 11],
    [1, 0],
  ])('index %i is %i levels down', (gindex, depth) => {
    expect(branchDepth(gindex)).toBe(depth);
  });

  it.each([25, 54, 55, 86, 87, 105, 169])(
    'accepts a branch at index %i and there alone',
    (gindex) => {
      const tree = sparseTree(new Map([[gindex, leaf]]));
      const branch = tree.branch(gindex);
      const at = (index: number, siblings = branch, root = tree.root) =>
        isValidMerkleBranch(leaf, siblings, { gindex: index, root });
      expect(at(gindex)).toBe(true);
      expect(at(gindex ^ 1)).toBe(false);
      expect(at(gindex + 2)).toBe(false);
      expect(at(gindex, branch.slice(1))).toBe(false);
      expect(at(gindex, [new Uint8Array(32), ...branch])).toBe(false);
      expect(at(gindex, [...branch].reverse())).toBe(false);
      expect(at(gindex, branch, leaf)).toBe(false);
    },
  );

  it('compares the length of a branch with the depth, even where the hashes would fit', () => {
    const sibling = new Uint8Array(32).fill(8);
    const root = hashPair(leaf, sibling);
    expect(isValidMerkleBranch(leaf, [sibling], { gindex: 2, root })).toBe(true);
    expect(isValidMerkleBranch(leaf, [sibling], { gindex: 4, root })).toBe(false);
    expect(isValidMerkleBranch(root, [], { gindex: 2, root })).toBe(false);
  });
});
