import { expect, test } from 'vitest';
import { newAccount } from '../../../src/ledger/accounts.ts';
import { isNonceFree, useNonce } from '../../../src/ledger/nonces.ts';
import type { Account } from '../../../src/ledger/state.ts';
import { wordOf } from '../../support/ledger.ts';

const FRESH = newAccount(wordOf(1));
const used = (...nonces: bigint[]): Account => nonces.reduce(useNonce, FRESH);
const free = (account: Account, from: bigint, to: bigint) => {
  const nonces = Array.from({ length: Number(to - from) }, (_, i) => from + BigInt(i));
  return nonces.filter((nonce) => isNonceFree(account, nonce));
};

test('a nonce is used once, and its neighbours in any order', () => {
  expect(free(used(6n), 4n, 9n)).toEqual([4n, 5n, 7n, 8n]);
  expect(free(used(6n, 5n), 4n, 9n)).toEqual([4n, 7n, 8n]);
  expect(used(5n, 6n)).toEqual(used(6n, 5n));
});

test('a fresh account takes 0 to 127 and nothing above', () => {
  expect(free(FRESH, 0n, 140n)).toHaveLength(128);
  expect(isNonceFree(FRESH, 127n)).toBe(true);
  expect(isNonceFree(FRESH, 128n)).toBe(false);
});

test('the last of the window does not move it, the next one moves it by one', () => {
  expect(used(63n)).toMatchObject({ nonceBase: 0n, nonceBits: 1n << 63n });
  expect(used(64n)).toMatchObject({ nonceBase: 1n, nonceBits: 1n << 63n });
});

test('what the window leaves behind can never be used', () => {
  const account = used(3n, 100n);
  expect(account.nonceBase).toBe(37n);
  expect(free(account, 0n, 40n)).toEqual([37n, 38n, 39n]);
});

test('what was used stays used when the window moves', () => {
  const account = used(10n, 20n, 70n);
  expect(account.nonceBase).toBe(7n);
  expect(free(account, 7n, 71n)).not.toContain(10n);
  expect(free(account, 7n, 71n)).not.toContain(20n);
  expect(free(account, 7n, 71n)).toHaveLength(61);
});

test('the window never holds more than 64 bits', () => {
  const all = Array.from({ length: 300 }, (_, i) => BigInt(i));
  const account = used(...all);
  expect(account.nonceBase).toBe(236n);
  expect(account.nonceBits).toBe((1n << 64n) - 1n);
});
