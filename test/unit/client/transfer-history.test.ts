import { describe, expect, test } from 'vitest';
import type { ContractLog } from '../../../src/chains/shared/bridged-chain.ts';
import {
  awaitedBlock,
  currentChange,
  explainReason,
  nextStep,
} from '../../../src/client/next-step.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
} from '../../../src/client/transfer-history.ts';
import { publicTags, sealedTags } from '../../../src/protocol/transfer-tags.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import {
  assignedLog,
  claimedLog,
  commitLog,
  deferredLog,
  depositLog,
  GATEWAY,
  releasedLog,
  skippedLog,
} from '../../support/bridge-logs.ts';
import { logIndexOf } from '../../support/log-index-of.ts';

const SOURCE = 31_337n;
const ANCHOR_CHAIN = 420_420_499n;
const REF = { chainId: SOURCE, index: 1n };
const TAGS = sealedTags(new Uint8Array(32).fill(7));
const [TAG, SECOND] = TAGS.payouts as [Hex, Hex];
const STRANGER: Hex = `0x${'00'.repeat(32)}`;

describe('a deposit', () => {
  test('that no block holds has no history', () => {
    expect(depositHistory(sources({}), REF)).toEqual([]);
    expect(depositHistory(sources({ source: [depositLog(0n, 5)] }), REF)).toEqual([]);
  });

  test('is observed, then finalized, then verified once an enclave has counted past it', () => {
    const source = [depositLog(0n, 5), depositLog(1n, 7)];
    expect(states(sources({ source, finalized: [6, 0] }))).toEqual(['observed']);
    expect(states(sources({ source, finalized: [7, 0] }))).toEqual(['observed', 'finalized']);
    const ingested = (count: bigint) => sources({ source, finalized: [7, 0], ingested: count });
    expect(states(ingested(1n))).toEqual(['observed', 'finalized']);
    expect(states(ingested(2n))).toEqual(['observed', 'finalized', 'verified']);
  });

  test('belongs to the first commit with a cursor past it', () => {
    const anchor = [
      commitLog(1n, [[SOURCE, 1n]], 20),
      commitLog(2n, [[SOURCE, 2n]], 30),
      commitLog(3n, [[SOURCE, 9n]], 40),
    ];
    const at = (final: number) =>
      depositHistory(
        sources({ source: [depositLog(1n, 7)], anchor, finalized: [9, final] }),
        REF,
      ).at(-1);
    expect(at(29)).toMatchObject({ state: 'committed', chainId: ANCHOR_CHAIN, blockNumber: 30 });
    expect(at(30)).toMatchObject({ state: 'anchored', blockNumber: 30 });
  });

  test('is known to be committed where the node of its own chain does not show it', () => {
    const anchor = [commitLog(1n, [[SOURCE, 2n]], 20)];
    expect(states(sources({ anchor, finalized: [0, 20] }))).toEqual(['committed', 'anchored']);
  });
});

describe('a payout', () => {
  const onAnchorChain = (anchor: ContractLog[], final: number) =>
    payoutHistory(sources({ anchor, finalized: [0, final] }), TAGS);

  test('is found by its tag alone, and confirmed when its block is final', () => {
    const logs = [releasedLog(4n, TAG, 50)];
    expect(onAnchorChain(logs, 49).map(({ state }) => state)).toEqual(['released']);
    expect(onAnchorChain(logs, 50).map(({ state }) => state)).toEqual(['released', 'confirmed']);
    expect(onAnchorChain([releasedLog(4n, STRANGER, 50)], 50)).toEqual([]);
  });

  test('that was put aside says why, at which index, and what to do', () => {
    const [change] = onAnchorChain([deferredLog({ index: 4n, tag: TAG }, 50)], 60);
    expect(change).toMatchObject({ state: 'claimable', releaseIndex: 4n, reason: 'payout-failed' });
    expect(explainReason(change?.reason)).toBe('the recipient refused the payout');
    expect(nextStep(change ? [change] : [])).toContain('claim');
  });

  test('that was put aside for a reason of a later gateway is claimable all the same', () => {
    const [change] = onAnchorChain([deferredLog({ index: 4n, tag: TAG, reason: 99 }, 50)], 60);
    expect(change).toMatchObject({ state: 'claimable', reason: 'unnamed-reason' });
  });

  test('that was claimed is confirmed when the claim is final, not when the deferral is', () => {
    const logs = [
      deferredLog({ index: 4n, tag: TAG }, 50),
      claimedLog({ index: 4n, tag: TAG }, 55),
    ];
    expect(onAnchorChain(logs, 54).map(({ state }) => state)).toEqual(['claimable', 'claimed']);
    expect(onAnchorChain(logs, 55).map(({ reason }) => reason)).toEqual([
      'payout-failed',
      'claim-included',
      'claim-final',
    ]);
  });

  test('that was claimed in part waits for its recipient until nothing is left', () => {
    const aside = deferredLog({ index: 4n, tag: TAG, reason: 5 }, 50);
    const parts = [7n, 3n].map((left) => claimedLog({ index: 4n, tag: TAG, left }, 55));
    const partly = onAnchorChain([aside, ...parts], 60);
    expect(currentChange(partly)).toMatchObject({ state: 'claimable', reason: 'claimed-in-part' });
    const rest = claimedLog({ index: 4n, tag: TAG }, 58);
    expect(currentChange(onAnchorChain([aside, ...parts, rest], 60))?.state).toBe('confirmed');
  });

  test('that nobody can claim says so, and who may once that is decided', () => {
    const orphan = deferredLog({ index: 4n, tag: TAG, reason: 7 }, 50);
    const waiting = currentChange(onAnchorChain([orphan], 60));
    expect(explainReason(waiting?.reason)).toContain('30 days');
    const named = currentChange(onAnchorChain([orphan, assignedLog(4n, 55)], 60));
    expect(named).toMatchObject({ state: 'claimable', reason: 'claim-assigned' });
    expect(onAnchorChain([assignedLog(4n, 55)], 60)).toEqual([]);
  });

  test('of which a part was paid and the rest put aside is not done', () => {
    const logs = [releasedLog(4n, TAG, 50), deferredLog({ index: 4n, tag: TAG }, 50)];
    const history = onAnchorChain(logs, 60);
    expect(history.map(({ state }) => state)).toEqual(['released', 'claimable']);
    expect(currentChange(history)).toMatchObject({ state: 'claimable' });
  });

  test('of several that is hindmost says where the transfer is', () => {
    const logs = [releasedLog(4n, TAG, 50), releasedLog(5n, SECOND, 60)];
    expect(currentChange(onAnchorChain(logs, 55))).toMatchObject({
      state: 'released',
      tag: SECOND,
    });
    const stuck = [deferredLog({ index: 4n, tag: TAG }, 50), releasedLog(5n, SECOND, 51)];
    expect(nextStep(onAnchorChain(stuck, 60))).toContain('claim');
    expect(nextStep(onAnchorChain(logs, 60))).toBe('nothing, it is done');
  });
});

describe('a refund', () => {
  const tags = publicTags(REF, GATEWAY);
  const history = (of: { source?: ContractLog[]; anchor?: ContractLog[]; final: number }) =>
    payoutHistory(sources({ ...of, finalized: [of.final, of.final] }), tags);

  test('is called one, and waits for the chain that the deposit was made on', () => {
    const fresh = history({ source: [releasedLog(0n, tags.refund, 50)], final: 49 });
    expect(fresh).toMatchObject([
      { state: 'refunded', reason: 'refund-included', chainId: SOURCE, blockNumber: 50 },
    ]);
    expect(nextStep(fresh)).toBe('the source chain has to finalize the refund; nothing to do');
    expect(awaitedBlock(fresh)).toMatchObject({ chainId: SOURCE, blockNumber: 50 });
    const final = history({ source: [releasedLog(0n, tags.refund, 50)], final: 50 });
    expect(final.map(({ state }) => state)).toEqual(['refunded', 'confirmed']);
  });

  test('is nothing that a tag secret finds: what comes back comes back in public', () => {
    const source = [releasedLog(0n, tags.refund, 50)];
    expect(payoutHistory(sources({ source }), TAGS)).toEqual([]);
  });

  test('with no deposit behind it (any more) pays nothing, and nothing follows', () => {
    const [skipped, ...more] = history({
      source: [skippedLog({ index: 0n, tag: tags.refund }, 50)],
      final: 49,
    });
    expect(skipped).toMatchObject({ state: 'skipped', reason: 'already-spent' });
    expect(more).toEqual([]);
    expect(explainReason(skipped?.reason)).toBe('the deposit was given back before');
    expect(nextStep(skipped ? [skipped] : [])).toContain('nothing');
  });

  test('is on no other chain than the deposit, whatever tag is seen there', () => {
    expect(history({ anchor: [releasedLog(0n, tags.refund, 50)], final: 60 })).toEqual([]);
  });
});

test('only states that wait for finality have a block to wait for', () => {
  const source = [depositLog(1n, 7)];
  const history = depositHistory(sources({ source, finalized: [6, 0] }), REF);
  expect(awaitedBlock(history)).toMatchObject({ blockNumber: 7 });
  const final = depositHistory(sources({ source, finalized: [7, 0] }), REF);
  expect(awaitedBlock(final)).toBeUndefined();
  expect(nextStep(history, 4200)).toContain('about 5 s');
});

test('of nothing, nothing is known', () => {
  expect(nextStep([])).toBe('nothing is known of it');
  expect(explainReason('commit-final')).toBe('');
});

function states(from: Sources): string[] {
  return depositHistory(from, REF).map(({ state }) => state);
}

function sources(of: {
  source?: ContractLog[];
  anchor?: ContractLog[];
  finalized?: [source: number, anchor: number];
  ingested?: bigint;
}): Sources {
  const [sourceFinal, anchorFinal] = of.finalized ?? [0, 0];
  return {
    chains: new Map([
      [SOURCE, logIndexOf(SOURCE, of.source ?? [], sourceFinal)],
      [ANCHOR_CHAIN, logIndexOf(ANCHOR_CHAIN, of.anchor ?? [], anchorFinal)],
    ]),
    anchorChainId: ANCHOR_CHAIN,
    ingested: new Map(of.ingested === undefined ? [] : [[SOURCE, of.ingested]]),
  };
}
