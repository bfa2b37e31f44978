import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isValidMerkleBranch, merkleize } from '../../../src/crypto/ssz-merkle.ts';
import * as reference from '../../reference/ethereum/ssz.ts';
import { bytes } from './arbitraries.ts';

const root = bytes(32);

it('merkleization agrees with its definition', () => {
  fc.assert(
    fc.property(
      fc.array(root, { maxLength: 20 }),
      fc.integer({ min: 5, max: 8 }),
      (chunks, depth) => {
        expect(merkleize(chunks, depth)).toEqual(reference.merkleize(chunks, 2 ** depth));
      },
    ),
  );
});

it('a branch is valid at its own root and index, and nowhere else', () => {
  const index = fc.integer({ min: 2, max: 4095 });
  fc.assert(
    fc.property(
      index,
      index,
      root,
      fc.array(root, { minLength: 12, maxLength: 12 }),
      (gindex, other, leaf, siblings) => {
        const branch = siblings.slice(0, Math.floor(Math.log2(gindex)));
        const top = reference.rootOfBranch(leaf, branch, gindex);
        expect(isValidMerkleBranch(leaf, branch, { gindex, root: top })).toBe(true);
        expect(isValidMerkleBranch(leaf, branch, { gindex: other, root: top })).toBe(
          other === gindex,
        );
        expect(
          isValidMerkleBranch(leaf, siblings.slice(0, branch.length + 1), { gindex, root: top }),
        ).toBe(false);
        expect(isValidMerkleBranch(top, branch, { gindex, root: top })).toBe(false);
      },
    ),
  );
});
