import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scaleBudget } from '../../../../src/chains/shared/call-budget.ts';

const CLAIM_BOOK = readFileSync(
  join(import.meta.dirname, '../../../../contracts-evm/src/base/ClaimBook.sol'),
  'utf8',
);
const constant = (name: string) =>
  Number(new RegExp(`${name} = ([0-9_]+);`).exec(CLAIM_BOOK)?.[1]?.replaceAll('_', ''));

describe('the budget of a batch that cannot be tried', () => {
  it('of gas leaves every payout the share that the contract asks for, were each to use up its own', () => {
    const [least, deferred] = [constant('TOKEN_GAS'), constant('DEFER_GAS')];
    for (const payouts of [1, 2, 16, 32]) {
      const budget = scaleBudget({ measure: 'gas', gas: 1n }, { first: 1, payouts });
      // What the contract itself takes, by contracts-evm/snapshots/Gas.json: some 110,000 and 53,000 a payout.
      let left = Number(budget.measure === 'gas' && budget.gas) - 250_000;
      for (let payoutsLeft = payouts; payoutsLeft > 0; payoutsLeft--) {
        expect(left).toBeGreaterThanOrEqual(least + deferred);
        left -= 53_000 + Math.max(least, left / (payoutsLeft + 1));
      }
    }
  });

  it('of gas is no less than what was enough for the first', () => {
    const tried = { measure: 'gas', gas: 9_000_000n } as const;
    expect(scaleBudget(tried, { first: 16, payouts: 1 })).toEqual(tried);
  });

  it('of weight grows with the payouts, and has room for dearer ones', () => {
    const weight = { refTime: 100n, proofSize: 10n };
    const tried = { measure: 'weight', weight, storageDepositPlanck: 5n } as const;
    expect(scaleBudget(tried, { first: 2, payouts: 16 })).toEqual({
      measure: 'weight',
      weight: { refTime: 1200n, proofSize: 120n },
      storageDepositPlanck: 60n,
    });
    expect(scaleBudget(tried, { first: 2, payouts: 1 })).toMatchObject({
      weight: { refTime: 150n, proofSize: 15n },
    });
  });
});
