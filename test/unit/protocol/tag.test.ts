import { AbiCoder, concat, keccak256, toUtf8Bytes } from 'ethers';
import { expect, test } from 'vitest';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../../../src/protocol/tag.ts';

const SECRET = new Uint8Array(32).fill(0x5a);
const GATEWAY = `0x${'a1'.repeat(20)}` as const;

test('a payout tag hashes label, secret and one byte of index', () => {
  for (const index of [0, 5]) {
    const expected = keccak256(
      concat([toUtf8Bytes('veilspan/tag/v1'), SECRET, Uint8Array.of(index)]),
    );
    expect(payoutTag(SECRET, index)).toBe(expected);
  }
});

test('a public tag hashes label and the deposit as ABI words', () => {
  for (const payoutIndex of [0, REFUND_PAYOUT_INDEX]) {
    const words = AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'address', 'uint64', 'uint8'],
      [31_337n, GATEWAY, 12n, payoutIndex],
    );
    const expected = keccak256(concat([toUtf8Bytes('veilspan/public-tag/v1'), words]));
    expect(publicTag(31_337n, GATEWAY, 12n, payoutIndex)).toBe(expected);
  }
});

test('tags of one secret, or of one deposit, differ by payout', () => {
  const tags = [0, 1, 2, 3, 4, 5].map((index) => payoutTag(SECRET, index));
  const open = [0, REFUND_PAYOUT_INDEX].map((index) => publicTag(1n, GATEWAY, 0n, index));
  expect(new Set([...tags, ...open]).size).toBe(8);
});
