import { describe, expect, it } from 'vitest';
import { encodeU32, encodeU64 } from '../../../../src/codec/scale.ts';
import { applyFinality } from '../../../../src/light-client/polkadot/apply-finality.ts';
import type { PolkadotStore } from '../../../../src/light-client/polkadot/store.ts';
import { verifyFinality } from '../../../../src/light-client/polkadot/verify-finality.ts';
import { concatBytes, type Hex } from '../../../../src/shared/bytes.ts';
import {
  childBlock,
  forcedChange,
  genesis,
  grandpaDigest,
  hashOf,
  justify,
  onDisabled,
  scheduledChange,
  storeAt,
  type TestAuthority,
  type TestBlock,
  testAuthorities,
} from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const oldSet = testAuthorities(4);
const nextSet = testAuthorities(3, 10);
const laterSet = testAuthorities(5, 20);

function prove(store: PolkadotStore, block: TestBlock, voters: readonly TestAuthority[]) {
  const { setId } = store.authoritySet;
  const justification = justify(voters, block, { setId });
  return verifyFinality(store, { header: block.header, justification });
}

function finalize(store: PolkadotStore, block: TestBlock, voters: readonly TestAuthority[]) {
  return applyFinality(store, prove(store, block, voters));
}

function blockWith(...logs: readonly Uint8Array[]): TestBlock {
  return childBlock(genesis, { digest: logs.map(grandpaDigest) });
}

function idsOf(store: PolkadotStore): Hex[] {
  return store.authoritySet.authorities.map(({ id }) => id);
}

describe('a block without a change', () => {
  it('becomes the last final one and keeps the set', () => {
    const store = storeAt(oldSet);
    const block = childBlock(genesis, { stateRoot: new Uint8Array(32).fill(7) });
    const after = finalize(store, block, oldSet);
    expect(after.finalized).toEqual({
      number: 1,
      hash: hashOf(block),
      stateRoot: `0x${'07'.repeat(32)}`,
    });
    expect(after.authoritySet).toBe(store.authoritySet);
  });

  it('leaves the store it was applied to as it was', () => {
    const store = storeAt(oldSet);
    finalize(store, childBlock(genesis), oldSet);
    expect(store.finalized.number).toBe(0);
  });

  it('may carry logs of other engines that look like a change', () => {
    const lookalike = grandpaDigest(scheduledChange(nextSet));
    const otherEngine = Uint8Array.from(lookalike);
    otherEngine.set([0x42, 0x45, 0x45, 0x46], 1);
    const preRuntime = Uint8Array.from(lookalike);
    preRuntime[0] = 6;
    const block = childBlock(genesis, { digest: [otherEngine, preRuntime] });
    expect(finalize(storeAt(oldSet), block, oldSet).authoritySet.setId).toBe(0n);
  });

  it('may pause, resume and disable without changing the set', () => {
    const pause = concatBytes(Uint8Array.of(4), encodeU32(5));
    const resume = concatBytes(Uint8Array.of(5), encodeU32(5));
    const block = blockWith(pause, resume, onDisabled(2n));
    expect(finalize(storeAt(oldSet), block, oldSet).authoritySet.setId).toBe(0n);
  });
});

describe('a scheduled change', () => {
  const change = blockWith(scheduledChange(nextSet));
  const after = finalize(storeAt(oldSet, { setId: 8n }), change, oldSet);

  it('installs the announced set under the next id', () => {
    expect(after.authoritySet.setId).toBe(9n);
    expect(idsOf(after)).toEqual(nextSet.map(({ id }) => id));
  });

  it('lets only the new set finalize the next block', () => {
    const next = childBlock(change);
    expect(refusal(() => finalize(after, next, oldSet)).code).toBe('GRANDPA_TOO_MANY_PRECOMMITS');
    expect(refusal(() => finalize(after, next, oldSet.slice(1))).code).toBe(
      'GRANDPA_AUTHORITY_UNKNOWN',
    );
    expect(finalize(after, next, nextSet).finalized.number).toBe(2);
  });

  it('is not skipped by a later block that the new set signed', () => {
    const later = childBlock(childBlock(change));
    const justification = justify(nextSet, later, { setId: 9n });
    const store = storeAt(oldSet, { setId: 8n });
    expect(refusal(() => verifyFinality(store, { header: later.header, justification })).code).toBe(
      'GRANDPA_AUTHORITY_UNKNOWN',
    );
  });

  it('is not skipped when the same voters run on under the next id', () => {
    const same = blockWith(scheduledChange(oldSet));
    const later = childBlock(same);
    const justification = justify(oldSet, later, { setId: 9n });
    const store = storeAt(oldSet, { setId: 8n });
    expect(refusal(() => verifyFinality(store, { header: later.header, justification })).code).toBe(
      'GRANDPA_SIGNATURE_INVALID',
    );
  });

  it('is found behind any number of other logs', () => {
    const disabled = Array.from({ length: 17 }, (_, i) => onDisabled(BigInt(i)));
    const block = blockWith(...disabled, scheduledChange(nextSet));
    expect(idsOf(finalize(storeAt(oldSet), block, oldSet))).toEqual(nextSet.map(({ id }) => id));
  });

  it('counts once: the first of two', () => {
    const block = blockWith(scheduledChange(nextSet), scheduledChange(laterSet));
    const twice = finalize(storeAt(oldSet), block, oldSet);
    expect(idsOf(twice)).toEqual(nextSet.map(({ id }) => id));
    expect(twice.authoritySet.setId).toBe(1n);
  });

  it('carries weights into the threshold', () => {
    const heavy = nextSet.map((voter, i) => ({ ...voter, weight: BigInt(1 + 10 * i) }));
    const block = blockWith(scheduledChange(heavy));
    const store = finalize(storeAt(oldSet), block, oldSet);
    expect(store.authoritySet.authorities.map(({ weight }) => weight)).toEqual([1n, 11n, 21n]);
    const next = childBlock(block);
    expect(refusal(() => finalize(store, next, heavy.slice(0, 2)))).toMatchObject({
      code: 'GRANDPA_BELOW_THRESHOLD',
      meta: { weight: 12n, threshold: 23n },
    });
    expect(finalize(store, next, heavy.slice(1)).finalized.number).toBe(2);
  });
});

describe('the client halts', () => {
  function halted(...logs: readonly Uint8Array[]) {
    return refusal(() => finalize(storeAt(oldSet), blockWith(...logs), oldSet));
  }

  it('on a forced change', () => {
    expect(halted(forcedChange(nextSet))).toMatchObject({
      code: 'GRANDPA_FORCED_CHANGE',
      disposition: 'halt',
      meta: { number: 1 },
    });
  });

  it('on a forced change behind a scheduled one', () => {
    expect(halted(scheduledChange(nextSet), forcedChange(nextSet)).code).toBe(
      'GRANDPA_FORCED_CHANGE',
    );
  });

  it('on a change with a delay', () => {
    expect(halted(scheduledChange(nextSet, 1))).toMatchObject({
      code: 'GRANDPA_CHANGE_DELAYED',
      disposition: 'halt',
      meta: { number: 1 },
    });
  });

  it.each([
    ['is empty', new Uint8Array(0)],
    ['is of an unknown kind', Uint8Array.of(6, 0, 0, 0, 0)],
    ['is cut short', scheduledChange(nextSet).subarray(0, -1)],
    ['goes on after its end', concatBytes(scheduledChange(nextSet), Uint8Array.of(0))],
    ['says less than its kind', concatBytes(Uint8Array.of(3), encodeU32(0))],
    ['says more than its kind', concatBytes(Uint8Array.of(4), encodeU64(0n))],
  ])('on a log that %s, which might hide a change', (_, log) => {
    expect(halted(log)).toMatchObject({
      code: 'GRANDPA_LOG_MALFORMED',
      disposition: 'halt',
      meta: { number: 1 },
    });
  });

  it('on a next set that has a key of small order', () => {
    const blank = { id: `0x${'00'.repeat(32)}` as const, weight: 1n };
    expect(halted(scheduledChange([...nextSet, blank]))).toMatchObject({
      code: 'AUTHORITY_SET_KEY_SMALL_ORDER',
      disposition: 'halt',
      meta: { setId: 1n, id: blank.id },
    });
  });

  it('on a next set that has an authority twice, none, or one without weight', () => {
    const [first] = nextSet as [TestAuthority];
    expect(halted(scheduledChange([...nextSet, first])).code).toBe('AUTHORITY_SET_KEY_REPEATED');
    expect(halted(scheduledChange([])).code).toBe('AUTHORITY_SET_EMPTY');
    expect(halted(scheduledChange([{ ...first, weight: 0n }])).code).toBe(
      'AUTHORITY_SET_WEIGHT_ZERO',
    );
  });

  it('only on what is final: a header that nobody signed cannot halt it', () => {
    const block = blockWith(forcedChange(nextSet));
    expect(refusal(() => finalize(storeAt(oldSet), block, oldSet.slice(2))).code).toBe(
      'GRANDPA_BELOW_THRESHOLD',
    );
  });
});

describe('a verified block is refused', () => {
  const block = childBlock(genesis);

  it('by a store of another set, even if it holds the same voters', () => {
    const verified = prove(storeAt(oldSet), block, oldSet);
    expect(refusal(() => applyFinality(storeAt(oldSet), verified))).toMatchObject({
      code: 'GRANDPA_STORE_MISMATCH',
      meta: { number: 1, block: hashOf(block) },
    });
  });

  it('by the store that it was applied to already', () => {
    const store = storeAt(oldSet);
    const verified = prove(store, block, oldSet);
    const after = applyFinality(store, verified);
    expect(refusal(() => applyFinality(after, verified)).code).toBe('GRANDPA_STORE_MISMATCH');
  });
});
