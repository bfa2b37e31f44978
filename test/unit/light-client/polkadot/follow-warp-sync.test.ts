import { describe, expect, it } from 'vitest';
import { encodeVector } from '../../../../src/codec/scale.ts';
import {
  decodeWarpSyncProof,
  followWarpSync,
} from '../../../../src/light-client/polkadot/follow-warp-sync.ts';
import { MAX_FINALITY_PROOF_BYTES } from '../../../../src/light-client/polkadot/limits.ts';
import { concatBytes } from '../../../../src/shared/bytes.ts';
import {
  childBlock,
  genesis,
  grandpaDigest,
  hashOf,
  justify,
  scheduledChange,
  storeAt,
  testAuthorities,
} from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const sets = [testAuthorities(4), testAuthorities(4, 10), testAuthorities(4, 20)] as const;
const change1 = childBlock(genesis, { digest: [grandpaDigest(scheduledChange(sets[1]))] });
const quiet = childBlock(change1);
const change2 = childBlock(quiet, { digest: [grandpaDigest(scheduledChange(sets[2]))] });
const latest = childBlock(change2);
const store = storeAt(sets[0]);

const fragment1 = concatBytes(change1.header, justify(sets[0], change1, { setId: 0n }));
const quietFragment = concatBytes(quiet.header, justify(sets[1], quiet, { setId: 1n }));
const fragment2 = concatBytes(change2.header, justify(sets[1], change2, { setId: 1n }));
const lastFragment = concatBytes(latest.header, justify(sets[2], latest, { setId: 2n }));

function proof(fragments: readonly Uint8Array[], isFinished: number): Uint8Array {
  return concatBytes(encodeVector(fragments), Uint8Array.of(isFinished));
}

describe('a warp-sync proof', () => {
  it('leads through every set change to the last final block', () => {
    const after = followWarpSync(store, proof([fragment1, fragment2, lastFragment], 1));
    expect(after.finalized).toMatchObject({ number: 4, hash: hashOf(latest) });
    expect(after.authoritySet.setId).toBe(2n);
  });

  it('may end at a set change, finished or not, and may be empty', () => {
    for (const isFinished of [0, 1]) {
      const after = followWarpSync(store, proof([fragment1, fragment2], isFinished));
      expect(after.authoritySet.setId).toBe(2n);
      expect(followWarpSync(store, proof([], isFinished))).toBe(store);
    }
  });

  it('is refused with a fragment that changes nothing before its end', () => {
    const bytes = proof([fragment1, quietFragment, fragment2], 1);
    expect(refusal(() => followWarpSync(store, bytes))).toMatchObject({
      code: 'WARP_SYNC_FRAGMENT_CHANGES_NOTHING',
      meta: { got: 1 },
    });
  });

  it('is refused with such a fragment at the end if it is not finished', () => {
    const bytes = proof([fragment1, fragment2, lastFragment], 0);
    expect(refusal(() => followWarpSync(store, bytes))).toMatchObject({
      code: 'WARP_SYNC_FRAGMENT_CHANGES_NOTHING',
      meta: { got: 2 },
    });
  });

  it('is refused when it leaves a set change out', () => {
    expect(refusal(() => followWarpSync(store, proof([fragment2], 1))).code).toBe(
      'GRANDPA_AUTHORITY_UNKNOWN',
    );
  });

  it('is refused when its fragments are in another order', () => {
    expect(refusal(() => followWarpSync(store, proof([fragment2, fragment1], 1))).code).toBe(
      'GRANDPA_AUTHORITY_UNKNOWN',
    );
  });

  it('is refused when malformed', () => {
    const bytes = proof([fragment1], 1);
    const codes = [
      bytes.subarray(0, -1),
      concatBytes(bytes, Uint8Array.of(0)),
      proof([fragment1], 2),
      new Uint8Array(MAX_FINALITY_PROOF_BYTES),
      new Uint8Array(MAX_FINALITY_PROOF_BYTES + 1),
    ].map((malformed) => refusal(() => decodeWarpSyncProof(malformed)).code);
    expect(codes).toEqual([
      'SCALE_TRUNCATED',
      'SCALE_TRAILING_BYTES',
      'WARP_SYNC_FLAG_MALFORMED',
      'SCALE_TRAILING_BYTES',
      'WARP_SYNC_TOO_LONG',
    ]);
  });
});
