import { describe, expect, test } from 'vitest';
import type { AssetTerms } from '../../../src/client/asset-terms.ts';
import {
  depositFor,
  lackFor,
  leastTransfer,
  planPayment,
  transferLeg,
} from '../../../src/client/payment-plan.ts';
import { refusal } from '../../support/refusal.ts';

const UNIT = 100n;
const TERMS: AssetTerms = {
  poolUnit: UNIT,
  rungs: [3, 4, 5, 6],
  entryFee: 7n,
  leastBalance: 11n,
  rates: new Map([
    [5n, 3n],
    [6n, 2_000n],
  ]),
  reward: 2n,
};
const TO = { chainId: 5n, recipient: `0x${'ab'.repeat(20)}` } as const;

describe('a payment by pools', () => {
  test('is cut into canonical amounts, and what is left stays in the account', () => {
    const plan = planPayment(TERMS, { ...TO, way: 'pooled', amount: 18_250n, crowd: 2 });
    expect(plan.legs.map(({ amount }) => amount)).toEqual([10_000n, 5_000n, 2_000n, 1_000n]);
    expect(plan.legs.every(({ mode, crowd }) => mode === 'pooled' && crowd === 2)).toBe(true);
    expect(plan.legs[0]?.recipient).toBe(`0x${'00'.repeat(12)}${'ab'.repeat(20)}`);
    expect(plan).toMatchObject({ rest: 250n, received: 18_000n - 4n * 3n });
  });

  test('has at most six legs', () => {
    const { legs, rest } = planPayment(TERMS, { ...TO, way: 'pooled', amount: 98_000n });
    expect(legs).toHaveLength(6);
    expect(rest).toBe(38_000n);
  });
});

test('a direct payment is one leg of any amount', () => {
  const { legs, rest, received } = planPayment(TERMS, { ...TO, way: 'direct', amount: 1_234n });
  expect(legs).toMatchObject([{ mode: 'direct', amount: 1_234n, crowd: 1 }]);
  expect([rest, received]).toEqual([0n, 1_231n]);
});

test.each([
  ['below the smallest amount of the pools', 5n, 'pooled', 999n, 'PAYMENT_TOO_SMALL'],
  ['that its rate would eat up', 5n, 'direct', 3n, 'PAYMENT_TOO_SMALL'],
  ['of which one leg is not above the rate', 6n, 'pooled', 2_000n, 'PAYMENT_TOO_SMALL'],
  ['on a chain without a rate', 9n, 'direct', 5_000n, 'PAYMENT_NO_RATE'],
] as const)('a payment %s is refused', (_, chainId, way, amount, code) => {
  const attempt = () => planPayment(TERMS, { ...TO, chainId, way, amount });
  expect(refusal(attempt)).toMatchObject({ code, meta: { chainId, amount } });
});

test('a transfer names the account it credits, and no chain', () => {
  expect(leastTransfer(TERMS)).toBe(7n + 11n);
  const account = `0x${'12'.repeat(32)}` as const;
  expect(transferLeg(account, 9n)).toEqual({
    ...{ mode: 'transfer', chainId: 0n, recipient: account, amount: 9n, crowd: 1 },
  });
});

test('what is paid in covers the fee, and what opens the account if it is not open', () => {
  expect(depositFor(100n, TERMS, { fee: 5n, isOpen: true })).toBe(105n);
  expect(depositFor(100n, TERMS, { fee: 5n, isOpen: false })).toBe(105n + 7n + 11n);
});

test('what is paid in covers what the account has to keep of this very asset, and what a gateway takes at least', () => {
  const facts = { fee: 5n, isOpen: true };
  expect(depositFor(100n, TERMS, { ...facts, balance: 0n })).toBe(105n + 11n);
  expect(depositFor(100n, TERMS, { ...facts, balance: 10n })).toBe(105n + 1n);
  expect(depositFor(100n, TERMS, { ...facts, balance: 12n })).toBe(105n);
  expect(depositFor(3n, TERMS, { ...facts, balance: 12n })).toBe(5n + 7n + 11n);
});

test('an order takes its legs and what posting earns, and leaves the least balance', () => {
  const legs = [{ amount: 60n }, { amount: 40n }];
  expect(lackFor(legs, TERMS, 112n)).toBe(1n);
  expect(lackFor(legs, TERMS, 113n)).toBe(0n);
  expect(lackFor(legs, TERMS, 0n)).toBe(113n);
});
