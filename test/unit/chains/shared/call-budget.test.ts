import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { greaterOf, isWithin, scaleBudget } from '../../../../src/chains/shared/call-budget.ts';

const CLAIM_BOOK = readFileSync(
  join(import.meta.dirname, '../../../../contracts-evm/src/base/ClaimBook.sol'),
  'utf8',
);
const constant = (name: string) =>
  Number(new RegExp(`${name} = ([0-9_]+);`).exec(CLAIM_BOOK)?.[1]?.replaceAll('_', ''));
/** What is left for payouts, after what the contract itself takes by contracts-evm/snapshots/Gas.json: some 110,000. */
function gasBeside(scale: Parameters<typeof scaleBudget>[1]): number {
  const budget = scaleBudget({ measure: 'gas', gas: 1n }, scale);
  return Number(budget.measure === 'gas' && budget.gas) - 250_000;
}

describe('the budget of a batch that cannot be tried', () => {
  it('of gas leaves every payout at the utmost the share that the contract asks for, were each to use up its own', () => {
    const [least, deferred] = [constant('TOKEN_GAS'), constant('DEFER_GAS')];
    for (const payouts of [1, 2, 16, 32]) {
      let left = gasBeside({ first: 1, payouts, allowance: 'utmost' });
      for (let payoutsLeft = payouts; payoutsLeft > 0; payoutsLeft--) {
        expect(left).toBeGreaterThanOrEqual(least + deferred);
        left -= 53_000 + Math.max(least, left / (payoutsLeft + 1));
      }
    }
  });

  it('of gas usually leaves that share for each payout if none uses more than most do, in a quarter of it', () => {
    const [least, deferred] = [constant('TOKEN_GAS'), constant('DEFER_GAS')];
    for (const payouts of [1, 2, 16, 32]) {
      const usual = gasBeside({ first: 1, payouts, allowance: 'usual' });
      expect(usual - (payouts - 1) * 65_000).toBeGreaterThanOrEqual(least + deferred);
    }
    const full = { first: 16, payouts: 17 } as const;
    const share =
      gasBeside({ ...full, allowance: 'usual' }) / gasBeside({ ...full, allowance: 'utmost' });
    expect(share).toBeLessThan(0.25);
  });

  it('of gas is no less than what was enough for the first', () => {
    const tried = { measure: 'gas', gas: 9_000_000n } as const;
    expect(scaleBudget(tried, { first: 16, payouts: 1, allowance: 'usual' })).toEqual(tried);
  });

  const weighing = (refTime: bigint, proofSize: bigint, storageDepositPlanck: bigint) =>
    ({ measure: 'weight', weight: { refTime, proofSize }, storageDepositPlanck }) as const;

  it('of weight grows with the payouts, and is no less than what was enough for fewer', () => {
    const tried = weighing(100n, 10n, 5n);
    const scaled = (payouts: number, allowance: 'usual' | 'utmost') =>
      scaleBudget(tried, { first: 2, payouts, allowance });
    expect(scaled(16, 'usual')).toEqual(weighing(800n, 80n, 40n));
    expect(scaled(1, 'usual')).toEqual(tried);
    expect(scaled(1, 'utmost')).toEqual(weighing(400n, 40n, 20n));
  });

  it('may be that of the dearest of several in every respect', () => {
    const [slow, large] = [weighing(9n, 1n, 1n), weighing(1n, 9n, 2n)];
    const both = greaterOf(slow, large);
    expect(both).toEqual(weighing(9n, 9n, 2n));
    const gas = (amount: bigint) => ({ measure: 'gas', gas: amount }) as const;
    expect(greaterOf(gas(3n), gas(2n))).toEqual(gas(3n));
    expect([isWithin(slow, both), isWithin(both, slow), isWithin(slow, large)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isWithin(gas(2n), gas(2n)), isWithin(gas(3n), gas(2n))]).toEqual([true, false]);
    expect(() => greaterOf(slow, gas(1n))).toThrow('different kinds of chains');
  });
});
