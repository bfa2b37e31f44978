import { describe, expect, test } from 'vitest';
import {
  decodeOrder,
  encodeOrder,
  ORDER_BYTES,
  type Order,
} from '../../../src/protocol/envelope-order.ts';
import { type Hex, toHex, utf8 } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const ORDER: Order = {
  payouts: [
    { recipient: address('a1'), amount: 1n },
    { recipient: address('a2'), amount: (1n << 128n) - 1n },
  ],
  delaySec: 0x01020304,
  leastAnonymitySet: 0x0506,
  refundAddress: address('b3'),
  tagSecret: new Uint8Array(32).fill(0xc4),
  memo: utf8('for the rent'),
};

test('lays out version, payouts, privacy choice, refund address, tag secret and memo in 455 bytes', () => {
  const content = [
    '0102',
    `${'a1'.repeat(20)}00000000000000000000000000000001`,
    `${'a2'.repeat(20)}${'ff'.repeat(16)}`,
    '01020304',
    '0506',
    'b3'.repeat(20),
    'c4'.repeat(32),
    '0c',
    toHex(ORDER.memo).slice(2),
  ].join('');
  expect(toHex(encodeOrder(ORDER))).toBe(`0x${content.padEnd(2 * ORDER_BYTES, '0')}`);
});

test('decodes what it encodes, from the smallest order to the largest', () => {
  const smallest = { ...ORDER, payouts: ORDER.payouts.slice(1), memo: new Uint8Array(0) };
  const payout = { recipient: address('ff'), amount: (1n << 128n) - 1n };
  const largest = {
    ...ORDER,
    payouts: [payout, payout, payout, payout],
    delaySec: 2 ** 32 - 1,
    leastAnonymitySet: 2 ** 16 - 1,
    memo: new Uint8Array(128).fill(255),
  };
  for (const order of [ORDER, smallest, largest]) {
    expect(decodeOrder(encodeOrder(order))).toEqual(order);
  }
});

describe('decodeOrder refuses', () => {
  const good = encodeOrder(ORDER);
  const withByte = (at: number, value: number) => Uint8Array.from(good).fill(value, at, at + 1);
  const memoLengthAt = 2 + 2 * 36 + 4 + 2 + 20 + 32;
  test.each([
    ['454 bytes', good.subarray(0, 454)],
    ['456 bytes', new Uint8Array([...good, 0])],
    ['version 0', withByte(0, 0)],
    ['version 2', withByte(0, 2)],
    ['no payout', withByte(1, 0)],
    ['five payouts', withByte(1, 5)],
    ['a memo of 129 bytes', withByte(memoLengthAt, 129)],
    ['a memo length that leaves a part of the memo behind it', withByte(memoLengthAt, 11)],
    ['a last byte that is not zero', withByte(ORDER_BYTES - 1, 1)],
  ])('%s', (_, bytes) => {
    expect(refusal(() => decodeOrder(bytes)).code).toBe('ORDER_MALFORMED');
  });
});

describe('encodeOrder refuses', () => {
  test.each<[string, Partial<Order>]>([
    ['no payout', { payouts: [] }],
    ['five payouts', { payouts: Array(5).fill(ORDER.payouts[0]) }],
    ['an amount of 2^128', { payouts: [{ recipient: address('a1'), amount: 1n << 128n }] }],
    ['a negative amount', { payouts: [{ recipient: address('a1'), amount: -1n }] }],
    ['a delay of 2^32', { delaySec: 2 ** 32 }],
    ['half a second', { delaySec: 0.5 }],
    ['an anonymity set of 2^16', { leastAnonymitySet: 2 ** 16 }],
    ['a negative anonymity set', { leastAnonymitySet: -1 }],
    ['a tag secret of 31 bytes', { tagSecret: new Uint8Array(31) }],
    ['a memo of 129 bytes', { memo: new Uint8Array(129) }],
  ])('%s', (_, part) => {
    expect(refusal(() => encodeOrder({ ...ORDER, ...part })).code).toBe('ORDER_UNENCODABLE');
  });

  test('a recipient of 19 bytes', () => {
    const payouts = [{ recipient: `0x${'11'.repeat(19)}` as Hex, amount: 1n }];
    expect(refusal(() => encodeOrder({ ...ORDER, payouts })).code).toBe('HEX_MALFORMED');
  });
});
