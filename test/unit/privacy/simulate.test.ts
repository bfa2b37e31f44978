import { describe, expect, it } from 'vitest';
import { followPools } from '../../../bench/privacy/company.ts';
import { poolOf } from '../../../bench/privacy/market.ts';
import type { LegTruth } from '../../../bench/privacy/records.ts';
import { onePool, wholeBridge } from '../../../bench/privacy/scenarios.ts';
import { simulate } from '../../../bench/privacy/simulate.ts';

const POOLS = { leastRoots: 3, meanStayRounds: 12 };
const BUSY = { seed: 3, weeks: 0.3, perHour: 8, pools: POOLS };

describe('a made-up history', () => {
  const { history } = simulate(wholeBridge(BUSY));

  it('follows from its seed', () => {
    const { history: again } = simulate(wholeBridge(BUSY));
    expect(again.payouts).toEqual(history.payouts);
    const { history: other } = simulate(wholeBridge({ ...BUSY, seed: 4 }));
    expect(other.payouts).not.toEqual(history.payouts);
  });

  it('has every way in it, and no order that the ledger refused', () => {
    const modes = new Set(history.legs.map(({ mode }) => mode));
    expect([...modes].sort()).toEqual(['account', 'direct', 'pooled', 'transparent']);
    expect(history.refusals).toBe(0);
  });

  it('knows the truth of every payout but those that fill gateways', () => {
    const unknown = history.truths.filter((truth) => truth === undefined);
    expect(unknown).toHaveLength(3);
    history.payouts.forEach(({ chainId, round }, i) => {
      const truth = history.truths[i];
      if (truth === undefined) return;
      expect([truth.chainId, truth.exitRound]).toEqual([chainId, round]);
    });
  });

  it('lets no pooled leg leave before its time, nor a pool with fewer roots than the floor', () => {
    const company = followPools(history);
    const left = history.legs.filter(isPooledAndGone);
    expect(left.length).toBeGreaterThan(100);
    for (const leg of left) {
      expect(leg.exitRound).toBeGreaterThanOrEqual(Math.max(leg.notBefore, leg.enterRound));
      expect(company.honestOthers(leg)).toBeGreaterThanOrEqual(POOLS.leastRoots - 1);
    }
  });

  it('pays an address one leg of an order, but for those who ask for several', () => {
    const pooled = history.legs.filter(({ mode }) => mode === 'pooled');
    const byDefault = pooled.filter(({ addresses }) => addresses === 1);
    expect(byDefault.length).toBeGreaterThan(pooled.length / 2);
    expect(new Set(byDefault.map(({ siblings }) => siblings))).toEqual(new Set([1]));
    expect(pooled.some(({ addresses, siblings }) => addresses === 'same' && siblings > 1)).toBe(
      true,
    );
    const rests = history.legs.filter(({ isRest }) => isRest);
    expect(rests.length).toBeGreaterThan(0);
    expect(rests.every(({ mode, addresses }) => mode === 'account' && addresses === 1)).toBe(true);
  });

  it('counts others in a pool as one would by hand', () => {
    const company = followPools(history);
    for (const leg of history.legs.filter(isPooledAndGone).slice(0, 200)) {
      const round = leg.exitRound ?? 0;
      const beside = history.legs.filter(
        (other) =>
          poolOf(other.asset, other.chainId, other.amount) ===
            poolOf(leg.asset, leg.chainId, leg.amount) &&
          isPooled(other) &&
          Math.max(other.enterRound, other.notBefore) <= round &&
          (other.exitRound ?? other.patience) >= round,
      );
      const roots = new Set(beside.map(({ root }) => root));
      expect(company.honestOthers(leg)).toBe(roots.size - 1);
    }
  });
});

describe('a pool that is refilled', () => {
  const quiet = { seed: 3, weeks: 0.3, perHour: 0.3, pools: { leastRoots: 4, meanStayRounds: 12 } };
  const goneOf = (legs: readonly LegTruth[]) =>
    legs.filter((leg) => !leg.isAttacker && leg.exitRound !== undefined);

  it('lets victims leave without honest company, for whom it would not open by itself', () => {
    const alone = simulate(onePool(quiet)).history;
    const refilled = simulate(onePool({ ...quiet, isRefilled: true })).history;
    const company = followPools(refilled);
    const victims = goneOf(refilled.legs);
    expect(victims.length).toBeGreaterThan(goneOf(alone.legs).length);
    expect(victims.some((leg) => company.honestOthers(leg) === 0)).toBe(true);
    expect(refilled.legs.filter(({ isAttacker }) => isAttacker).length).toBeGreaterThan(10);
  });
});

function isPooled({ mode }: LegTruth): boolean {
  return mode === 'pooled' || mode === 'account';
}

function isPooledAndGone(leg: LegTruth): boolean {
  return isPooled(leg) && leg.exitRound !== undefined;
}
