import { describe, expect, it } from 'vitest';
import { createGauge } from '../../bench/privacy/figures.ts';
import { measure } from '../../bench/privacy/measures.ts';
import { onePool, type Variation, wholeBridge } from '../../bench/privacy/scenarios.ts';
import { simulate } from '../../bench/privacy/simulate.ts';
import { isDefault, isSame } from '../../bench/privacy/tables/linkage.ts';

// The short form of `npm run bench:privacy`; docs/privacy.md has the figures.

const SEED = 1;
const inOnePool = (variation: Omit<Variation, 'seed'>) =>
  createGauge(measure(simulate(onePool({ seed: SEED, ...variation })).history)).figuresOf(
    () => true,
  );

describe('with the default floor and mean stay', () => {
  it('a pool that twenty an hour put the same into hides who is paid, however well somebody knows the laws', () => {
    const { linked, effective, alone, payouts } = inOnePool({ weeks: 0.5, perHour: 20 });
    expect(payouts).toBeGreaterThan(250);
    for (const [attack, topOne] of linked) expect([attack, topOne <= 0.05]).toEqual([attack, true]);
    expect(effective[1]).toBeGreaterThan(50);
    expect(alone).toBe(0);
  });

  it('at two an hour in a pool a victim leaves alone in at most one of fifty exits though it is refilled', () => {
    const { alone, payouts } = inOnePool({ weeks: 0.8, perHour: 2, isRefilled: true });
    expect(payouts).toBeGreaterThan(100);
    expect(alone).toBeLessThanOrEqual(0.02);
  });

  describe('on the whole bridge at twenty an hour', () => {
    const world = simulate(wholeBridge({ seed: SEED, weeks: 1, perHour: 20 }));
    const gauge = createGauge(measure(world.history));

    it('a payout to one address is linked to who paid in no more often than one time in twenty', () => {
      const byDefault = gauge.figuresOf(isDefault);
      expect(byDefault.payouts).toBeGreaterThan(150);
      for (const [attack, topOne] of byDefault.linked) {
        expect([attack, topOne <= 0.05]).toEqual([attack, true]);
      }
    });

    it('a withdrawal a day later is linked to who paid in no more often than one time in fifty', () => {
      const withdrawals = gauge.figuresOf(({ mode }) => mode === 'account');
      expect(withdrawals.payouts).toBeGreaterThan(150);
      for (const [attack, topOne] of withdrawals.linked) {
        if (attack !== 'told') expect([attack, topOne <= 0.02]).toEqual([attack, true]);
      }
    });

    it('the same adversary is not blind: it reads what is in the open, leaves at once, or adds up', () => {
      const open = gauge.figuresOf(({ mode }) => mode === 'transparent');
      const direct = gauge.figuresOf(({ mode }) => mode === 'direct');
      expect(open.linked.get('tag')).toBe(1);
      expect(direct.linked.get('laws')).toBeGreaterThan(0.9);
      expect(gauge.figuresOf(isSame).linked.get('laws')).toBeGreaterThan(0.25);
    });
  });
});

it('without a floor and with a stay of minutes the same adversary links most of what goes through a pool', () => {
  const pools = { leastRoots: 1, meanStayRounds: 2 };
  const { linked } = inOnePool({ weeks: 0.5, perHour: 0.5, pools });
  expect(linked.get('laws')).toBeGreaterThan(0.8);
});
