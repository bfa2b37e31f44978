import { expect, test } from 'vitest';
import type { AssetTerms } from '../../../src/client/asset-terms.ts';
import { describePayment } from '../../../src/client/describe-payment.ts';
import { type Payment, planPayment } from '../../../src/client/payment-plan.ts';
import { addressOf } from '../../support/ledger.ts';

const TERMS: AssetTerms = {
  ...{ poolUnit: 100n, rungs: [3, 4, 5, 6], entryFee: 7n, leastBalance: 11n, reward: 2n },
  rates: new Map([[5n, 3n]]),
};
const FIRST = addressOf(1);

function linesOf(payment: Pick<Payment, 'amount'> & Partial<Payment>): string[] {
  const whole = { way: 'pooled', chainId: 5n, recipients: [FIRST], ...payment } as const;
  const plan = planPayment(TERMS, whole);
  return describePayment({ ...whole, ...plan, terms: TERMS, show: (amount) => `${amount} X` });
}

test('what is paid out whole is said in one line', () => {
  const line = 'the recipient gets 1997 X, after what the payouts cost';
  expect(linesOf({ amount: 2_000n })).toEqual([line]);
  expect(linesOf({ amount: 2_000n, way: 'direct' })).toEqual([line]);
});

test('what stays in the account is said, and how it can leave', () => {
  expect(linesOf({ amount: 8_700n })).toEqual([
    '5000 X of 8700 X leaves now: the recipient gets 4997 X, after what the payouts cost',
    '3700 X stays in your account: withdraw it later to other addresses, or name more with --to',
  ]);
});

test('what no pool takes is called so', () => {
  expect(linesOf({ amount: 5_700n })[1]).toBe(
    '700 X stays in your account: it is less than the smallest amount of the pools',
  );
});

test('more addresses are not asked for where an order has no legs for them', () => {
  expect(linesOf({ amount: 98_000n, sameAddress: true })[1]).toMatch(/to other addresses$/);
});

test('an address that no part is left for is named', () => {
  const recipients = [FIRST, addressOf(2), addressOf(3)] as const;
  expect(linesOf({ amount: 7_000n, recipients })).toEqual([
    'the recipients together get 6994 X, after what the payouts cost',
    `${addressOf(3)} gets nothing: no part is left`,
  ]);
});
