import { describe, expect, it } from 'vitest';
import { type Estimated, estimate } from '../../../src/status/estimate.ts';
import type { Life, Milestone } from '../../../src/status/history.ts';
import { percentilesLeft, percentilesOf } from '../../../src/status/percentiles.ts';

const NOW_MS = 1_800_000_000_000;
const GRANDPA = { kind: 'grandpa', blockMs: 6000, lagBlocks: 3 } as const;

function lives(secondsEach: readonly number[], to: Milestone = 'anchored'): Life[] {
  return secondsEach.map((seconds) => ({
    source: 1n,
    destination: null,
    at: new Map<Milestone, number>([
      ['finalized', 0],
      [to, seconds * 1000],
    ]),
  }));
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function subject(changed: Partial<Estimated> = {}): Estimated {
  const finality = { rule: GRANDPA, head: 100 };
  return {
    state: 'finalized',
    sinceMs: NOW_MS,
    nowMs: NOW_MS,
    blockNumber: 98,
    until: 'anchored',
    lives: [],
    source: { lagSec: 60n, sentAtSec: BigInt(NOW_MS / 1000) },
    schedule: { startSec: BigInt(NOW_MS / 1000), roundSec: 300n },
    nextCommitSec: undefined,
    finality: { source: finality, anchor: finality, destination: finality },
    ...changed,
  };
}

describe('percentiles', () => {
  it('are those of the nearest rank', () => {
    expect(percentilesOf(upTo(100))).toEqual({ samples: 100, p50: 50, p90: 90, p99: 99 });
  });

  it('are not given for what there is too little of', () => {
    expect(percentilesOf(upTo(19)).p50).toBeUndefined();
    expect(percentilesOf(upTo(20))).toMatchObject({ p50: 10, p90: 18, p99: undefined });
  });

  it('of what is left are of those alone who waited longer', () => {
    expect(percentilesLeft(upTo(100), 60)).toMatchObject({ samples: 40, p50: 20, p90: 36 });
  });
});

describe('when a transfer can be expected', () => {
  it('is read off the transfers before it', () => {
    const eta = estimate(subject({ lives: lives(upTo(100)), sinceMs: NOW_MS - 20_000 }));
    expect(eta).toMatchObject({ basis: 'history', samples: 80, p50Sec: 40, p90Sec: 72 });
  });

  it('is not known of one that takes longer than any before it', () => {
    const eta = estimate(subject({ lives: lives(upTo(40)), sinceMs: NOW_MS - 60_000 }));
    expect(eta).toMatchObject({ basis: 'none', p50Sec: null });
    expect(eta?.note).toContain('longer than any of the 40');
  });

  it('follows from rounds and finality while there is not enough history, which is said', () => {
    const eta = estimate(subject({ lives: lives(upTo(19)) }));
    // Its round, the first whose cut is 60 s before its end, and three blocks of the anchor's chain.
    expect(eta).toMatchObject({ basis: 'rules', samples: 19, p50Sec: 318, p90Sec: null });
    expect(eta?.note).toContain('not enough history: 19 of at least 20');
  });

  it('counts all that is ahead of a block that is not final', () => {
    const eta = estimate(subject({ state: 'observed', until: 'confirmed' }));
    // The round ends long after the block is final; then the commit and the payout.
    expect(eta).toMatchObject({ basis: 'rules', p50Sec: 6 + 294 + 18 + 18 });
  });

  it('waits for the commit that is due if its round has ended', () => {
    const late = subject({ nowMs: NOW_MS + 400_000, nextCommitSec: BigInt(NOW_MS / 1000) + 450n });
    expect(estimate(late)).toMatchObject({ p50Sec: 50 + 18 });
  });

  it('is not reckoned if a chain that it depends on does not answer', () => {
    const finality = { source: undefined, anchor: undefined, destination: undefined };
    expect(estimate(subject({ finality }))).toMatchObject({ basis: 'none', p50Sec: null });
  });

  it.each(['claimable', 'quarantined', 'anchored', 'confirmed'] as const)(
    'is not estimated for one that is %s: no clock decides that, or it is there',
    (state) => {
      expect(estimate(subject({ state }))).toBeUndefined();
    },
  );
});
