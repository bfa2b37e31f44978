import { blake2AsHex } from '@polkadot/util-crypto';
import { describe, expect, it } from 'vitest';
import { findAuthorityChange } from '../../../src/light-client/polkadot/authority-change.ts';
import {
  computeThreshold,
  createAuthoritySet,
  votersById,
} from '../../../src/light-client/polkadot/authority-set.ts';
import { decodeHeader, headerHash } from '../../../src/light-client/polkadot/header.ts';
import { decodeJustification } from '../../../src/light-client/polkadot/justification.ts';
import { verifyAncestries } from '../../../src/light-client/polkadot/verify-ancestries.ts';
import { verifyFinality } from '../../../src/light-client/polkadot/verify-finality.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { childBlock, genesis, storeAt } from '../../support/grandpa.ts';
import { refusal } from '../../support/refusal.ts';
import { readVectorJson, vectorsMissing } from '../../support/vectors.ts';

interface RecordedJustification {
  readonly round: number;
  readonly targetNumber: number;
  readonly targetHash: Hex;
  readonly signers: readonly Hex[];
  readonly scale: Hex;
}

describe.skipIf(vectorsMissing)('the justification of Polkadot block 302592', () => {
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

  it('has votes that all are for its target', () => {
    expect(() => verifyAncestries(decodeJustification(bytes))).not.toThrow();
  });

  it('was signed by enough of the six authorities of set 0', () => {
    const sixth = { id: `0x${'42'.repeat(32)}` as const, weight: 1n };
    expect(computeThreshold(createAuthoritySet(0n, [...voters, sixth]))).toBe(5n);
    expect(votersById(createAuthoritySet(0n, voters)).size).toBe(5);
  });

  it('does not make another header final', () => {
    const { header } = childBlock(genesis, { number: recorded.targetNumber });
    const store = storeAt(voters);
    expect(refusal(() => verifyFinality(store, { header, justification: bytes })).code).toBe(
      'GRANDPA_TARGET_MISMATCH',
    );
  });
});

describe.skipIf(vectorsMissing)('Polkadot header 512271, the last of set 50', () => {
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
