import { describe, expect, it } from 'vitest';
import { hashPair } from '../../../../src/crypto/ssz-merkle.ts';
import { isZeroBranch, verifyBranch } from '../../../../src/light-client/ethereum/verify-branch.ts';
import { refusal } from '../../../support/refusal.ts';

const zero = new Uint8Array(32);
const full = new Uint8Array(32).fill(7);
const almostZero = new Uint8Array(32).with(31, 1);
const almostFull = new Uint8Array(32).fill(7).with(0, 0);

describe('a branch', () => {
  it('is the default one if every byte of it is zero', () => {
    expect(isZeroBranch([])).toBe(true);
    expect(isZeroBranch([zero, zero, zero])).toBe(true);
  });

  it('is another if one byte of it is not zero, wherever it is', () => {
    for (const branch of [[full], [almostZero], [almostFull], [zero, almostZero], [full, zero]]) {
      expect(isZeroBranch(branch)).toBe(false);
    }
  });

  it('is refused by name: its length first, then what it leads to', () => {
    const claim = { subject: 'the branch', leaf: full, branch: [zero], gindex: 2 };
    const root = hashPair(full, zero);
    expect(() => verifyBranch({ ...claim, root })).not.toThrow();
    expect(refusal(() => verifyBranch({ ...claim, root, branch: [] }))).toMatchObject({
      code: 'ETHEREUM_BRANCH_LENGTH',
      meta: { subject: 'the branch', expected: '1 siblings', got: '0' },
    });
    expect(refusal(() => verifyBranch({ ...claim, root: full }))).toMatchObject({
      code: 'ETHEREUM_BRANCH_INVALID',
      meta: { subject: 'the branch', expected: 'its root at index 2' },
    });
  });
});
