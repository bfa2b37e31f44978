import { expect, it } from 'vitest';
import { blake2AsHex } from '#polkadot/util-crypto';
import { findAuthorityChange } from '../../../src/light-client/polkadot/authority-change.ts';
import {
  computeThreshold,
  createAuthoritySet,
} from '../../../src/light-client/polkadot/authority-set.ts';
import { decodeHeader, headerHash } from '../../../src/light-client/polkadot/header.ts';
import { decodeJustification } from '../../../src/light-client/polkadot/justification.ts';
import { verifyFinality } from '../../../src/light-client/polkadot/verify-finality.ts';
import { verifyJustification } from '../../../src/light-client/polkadot/verify-justification.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { describeRecorded } from '../../support/describe-recorded.ts';
import { childBlock, genesis, storeAt } from '../../support/grandpa.ts';
import { refusal } from '../../support/refusal.ts';
import { readVectorJson } from '../../support/vectors.ts';

interface RecordedJustification {
  readonly round: number;
  readonly targetNumber: number;
  readonly targetHash: Hex;
  readonly signers: readonly Hex[];
  readonly scale: Hex;
}

describeRecorded('the justification of Polkadot block 302592', () => {
  const recorded = readVectorJson<RecordedJustification>('grandpa/polkadot-302592-set0.json');
  const bytes = fromHex(recorded.scale);
  const voters = recorded.signers.map((id) => ({ id, weight: 1n }));

  it('is decoded as recorded', () => {
    const { round, commit, votesAncestries } = decodeJustification(bytes);
    expect(round).toBe(BigInt(recorded.round));
    expect(commit.targetNumber).toBe(recorded.targetNumber);
    expect(toHex(commit.targetHash)).toBe(recorded.targetHash);
    expect(commit.precommits.map(({ id }) => toHex(id)).toSorted()).toEqual(recorded.signers);
    expect(votesAncestries).toEqual([]);
  });

  // The sixth authority of set 0 did not vote, so its key is not in the recording.
  const sixth = { id: `0x${'42'.repeat(32)}` as const, weight: 1n };
  const set0 = createAuthoritySet(0n, [...voters, sixth]);

  it('makes its target final by five of the six authorities of set 0', () => {
    expect(computeThreshold(set0)).toBe(5n);
    expect(() => verifyJustification(set0, decodeJustification(bytes))).not.toThrow();
  });

  it('does not under another set id, nor in a set of eight', () => {
    const set1 = createAuthoritySet(1n, [...voters, sixth]);
    expect(refusal(() => verifyJustification(set1, decodeJustification(bytes))).code).toBe(
      'GRANDPA_SIGNATURE_INVALID',
    );
    const more = ['43', '44'].map((byte) => ({
      id: `0x${byte.repeat(32)}` as const,
      weight: 1n,
    }));
    const eight = createAuthoritySet(0n, [...voters, sixth, ...more]);
    expect(refusal(() => verifyJustification(eight, decodeJustification(bytes)))).toMatchObject({
      code: 'GRANDPA_BELOW_THRESHOLD',
      meta: { weight: 5n, threshold: 6n },
    });
  });

  it('does not with any bit of a vote flipped', () => {
    // Votes begin behind round, target and count; each is target 36, signature 64, id 32 bytes.
    for (const at of [45, 45 + 33, 45 + 36, 45 + 99, 45 + 100, 45 + 131]) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 0x10;
      expect(refusal(() => verifyJustification(set0, decodeJustification(altered))).code).toMatch(
        /^GRANDPA_/,
      );
    }
  });

  it('does not make another header final', () => {
    const { header } = childBlock(genesis, { number: recorded.targetNumber });
    const store = storeAt(voters);
    expect(refusal(() => verifyFinality(store, { header, justification: bytes })).code).toBe(
      'GRANDPA_TARGET_MISMATCH',
    );
  });
});

describeRecorded('Polkadot header 512271, the last of set 50', () => {
  const { scale } = readVectorJson<{ scale: Hex }>('grandpa/header-polkadot-512271.json');
  const header = decodeHeader(fromHex(scale));

  it('is decoded and hashed', () => {
    expect(header.number).toBe(512_271);
    expect(headerHash(header)).toBe(blake2AsHex(scale, 256));
    expect(header.digest.map(({ kind }) => kind)).toEqual([
      'preRuntime',
      'consensus',
      'consensus',
      'seal',
    ]);
  });

  it('announces 197 authorities that can be a set', () => {
    const change = findAuthorityChange(header);
    expect(change?.delay).toBe(0);
    expect(change?.nextAuthorities).toHaveLength(197);
    const set = createAuthoritySet(51n, change?.nextAuthorities ?? []);
    expect(computeThreshold(set)).toBe(132n);
  });
});
