import { describe, expect, it } from 'vitest';
import { encodeCompact } from '../../../../src/codec/scale.ts';
import { decodeJustification } from '../../../../src/light-client/polkadot/justification.ts';
import { MAX_JUSTIFICATION_BYTES } from '../../../../src/light-client/polkadot/limits.ts';
import { concatBytes, toHex } from '../../../../src/shared/bytes.ts';
import {
  chainOf,
  encodeJustification,
  genesis,
  justify,
  signPrecommit,
  type TestBlock,
  testAuthorities,
} from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const voters = testAuthorities(2);
const [b1, b2] = chainOf(genesis, 2) as [TestBlock, TestBlock];
const bytes = encodeJustification({
  round: 77n,
  target: b1,
  precommits: voters.map((voter) => signPrecommit(voter, b2)),
  ancestries: [b2.header],
});

describe('a justification', () => {
  it('is decoded field by field', () => {
    const { round, commit, votesAncestries } = decodeJustification(bytes);
    expect(round).toBe(77n);
    expect(commit.targetHash).toEqual(b1.hash);
    expect(commit.targetNumber).toBe(1);
    expect(commit.precommits.map(({ id }) => toHex(id))).toEqual(voters.map(({ id }) => id));
    expect(commit.precommits.map(({ targetNumber }) => targetNumber)).toEqual([2, 2]);
    expect(votesAncestries.map(({ number }) => number)).toEqual([2]);
  });

  it('is a view of its bytes', () => {
    const { commit, votesAncestries } = decodeJustification(bytes);
    expect(commit.precommits[0]?.signature.buffer).toBe(bytes.buffer);
    expect(votesAncestries[0]?.encoded.buffer).toBe(bytes.buffer);
  });
});

describe('a justification is refused', () => {
  it('when any byte is missing at its end', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decodeJustification(bytes.subarray(0, length))).code).toBe(
        'SCALE_TRUNCATED',
      );
    }
  });

  it('when a byte follows it', () => {
    expect(refusal(() => decodeJustification(concatBytes(bytes, Uint8Array.of(0)))).code).toBe(
      'SCALE_TRAILING_BYTES',
    );
  });

  it('when the count of precommits is not in its shortest form', () => {
    const good = justify(voters, b1);
    const head = good.subarray(0, 44);
    const padded = concatBytes(head, Uint8Array.of(0x09, 0x00), good.subarray(45));
    expect(decodeJustification(good).commit.precommits).toHaveLength(2);
    expect(refusal(() => decodeJustification(padded)).code).toBe('SCALE_COMPACT_NOT_CANONICAL');
  });

  it('when it claims more precommits or ancestries than any has, before one is read', () => {
    const head = justify([], b1).subarray(0, 44);
    const precommits = concatBytes(head, encodeCompact(2 ** 31));
    const ancestries = concatBytes(head, encodeCompact(0), encodeCompact(2 ** 31));
    for (const claim of [precommits, ancestries]) {
      expect(refusal(() => decodeJustification(claim)).code).toBe('SCALE_COUNT_EXCEEDED');
    }
  });

  it('when it is longer than any is', () => {
    const longest = new Uint8Array(MAX_JUSTIFICATION_BYTES);
    expect(refusal(() => decodeJustification(longest)).code).toBe('SCALE_TRAILING_BYTES');
    const long = new Uint8Array(MAX_JUSTIFICATION_BYTES + 1);
    expect(refusal(() => decodeJustification(long))).toMatchObject({
      code: 'JUSTIFICATION_TOO_LONG',
      meta: { length: MAX_JUSTIFICATION_BYTES + 1 },
    });
  });
});
