import { describe, expect, it } from 'vitest';
import { encodeByteVector, encodeVector } from '../../../../src/codec/scale.ts';
import { decodeFinalityProof } from '../../../../src/light-client/polkadot/decode-finality-proof.ts';
import { MAX_FINALITY_PROOF_BYTES } from '../../../../src/light-client/polkadot/limits.ts';
import { concatBytes } from '../../../../src/shared/bytes.ts';
import {
  chainOf,
  genesis,
  hashOf,
  justify,
  type TestBlock,
  testAuthorities,
} from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const [b1, b2] = chainOf(genesis, 2) as [TestBlock, TestBlock];
const justification = justify(testAuthorities(1), b2);
const bytes = concatBytes(b2.hash, encodeByteVector(justification), encodeVector([b1.header]));

describe('a finality proof', () => {
  it('is decoded into the block, its justification and the headers before it', () => {
    const proof = decodeFinalityProof(bytes);
    expect(proof.block).toBe(hashOf(b2));
    expect(proof.justification).toEqual(justification);
    expect(proof.unknownHeaders.map(({ number }) => number)).toEqual([1]);
  });

  it('is refused when cut short, extended or too long', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decodeFinalityProof(bytes.subarray(0, length))).code).toBe(
        'SCALE_TRUNCATED',
      );
    }
    const extended = concatBytes(bytes, Uint8Array.of(0));
    expect(refusal(() => decodeFinalityProof(extended)).code).toBe('SCALE_TRAILING_BYTES');
    const longest = new Uint8Array(MAX_FINALITY_PROOF_BYTES);
    expect(refusal(() => decodeFinalityProof(longest)).code).toBe('SCALE_TRAILING_BYTES');
    const long = new Uint8Array(MAX_FINALITY_PROOF_BYTES + 1);
    expect(refusal(() => decodeFinalityProof(long)).code).toBe('JUSTIFICATION_TOO_LONG');
  });
});
