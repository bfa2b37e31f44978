import { describe, expect, test } from 'vitest';
import type { AssetTerms } from '../../../src/client/asset-terms.ts';
import {
  depositFor,
  lackFor,
  leastTransfer,
  planPayment,
  recipientWord,
  transferLeg,
} from '../../../src/client/payment-plan.ts';
import type { Leg } from '../../../src/protocol/order.ts';
import { addressOf } from '../../support/ledger.ts';
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
const TO = { chainId: 5n, recipients: [`0x${'ab'.repeat(20)}`] } as const;
const [FIRST, SECOND, THIRD] = [addressOf(1), addressOf(2), addressOf(3)];
const ADDRESSES = [FIRST, SECOND, THIRD, addressOf(4), addressOf(5), addressOf(6)] as const;
const amountsOf = (legs: readonly Leg[]) => legs.map(({ amount }) => amount);
const paidBy = (legs: readonly Leg[]) => legs.map(({ recipient }) => recipient);

describe('a payment by pools', () => {
  const pooled = { ...TO, way: 'pooled', amount: 18_250n } as const;

  test('pays one address the largest canonical amount, and the rest stays in the account', () => {
    const { legs, rest, received } = planPayment(TERMS, { ...pooled, crowd: 2 });
    expect(legs).toEqual([
      {
        ...{ mode: 'pooled', chainId: 5n, amount: 10_000n, crowd: 2 },
        recipient: `0x${'00'.repeat(12)}${'ab'.repeat(20)}`,
      },
    ]);
    expect([rest, received]).toEqual([8_250n, 10_000n - 3n]);
  });

  test('pays every address one amount, the largest first', () => {
    const { legs, rest, received } = planPayment(TERMS, {
      ...pooled,
      recipients: [THIRD, FIRST, SECOND],
    });
    expect(amountsOf(legs)).toEqual([10_000n, 5_000n, 2_000n]);
    expect(paidBy(legs)).toEqual([THIRD, FIRST, SECOND].map(recipientWord));
    expect([rest, received]).toEqual([1_250n, 17_000n - 3n * 3n]);
  });

  test('leaves addresses over if the amount makes fewer parts', () => {
    const { legs, rest } = planPayment(TERMS, { ...pooled, recipients: ADDRESSES });
    expect(amountsOf(legs)).toEqual([10_000n, 5_000n, 2_000n, 1_000n]);
    expect(new Set(paidBy(legs)).size).toBe(4);
    expect(rest).toBe(250n);
  });

  test.each([1, 2, 3, 4, 5, 6])('never pays one of %i addresses twice', (count) => {
    const recipients = [FIRST, ...ADDRESSES.slice(1, count)] as const;
    for (let amount = 1_000n; amount < 99_000n; amount += 1_777n) {
      const { legs, rest } = planPayment(TERMS, { ...pooled, recipients, amount });
      expect(new Set(paidBy(legs)).size).toBe(legs.length);
      expect(amountsOf(legs).reduce((sum, one) => sum + one, rest)).toBe(amount);
    }
  });

  test('pays all parts to the addresses given, in turns, if one address may be paid several', () => {
    const one = planPayment(TERMS, { ...pooled, sameAddress: true });
    expect(amountsOf(one.legs)).toEqual([10_000n, 5_000n, 2_000n, 1_000n]);
    expect(one).toMatchObject({ rest: 250n, received: 18_000n - 4n * 3n });
    const two = planPayment(TERMS, { ...pooled, recipients: [FIRST, SECOND], sameAddress: true });
    expect(paidBy(two.legs)).toEqual([FIRST, SECOND, FIRST, SECOND].map(recipientWord));
  });

  test('has at most six legs', () => {
    const many = { ...pooled, amount: 98_000n, sameAddress: true };
    const { legs, rest } = planPayment(TERMS, many);
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
