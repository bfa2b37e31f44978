import { describe, expect, test, vi } from 'vitest';
import { balanceOf, newAccount, withBalance, writeAccount } from '../../../src/ledger/accounts.ts';
import { openDraft } from '../../../src/ledger/draft.ts';
import { EAST_COIN, GENESIS, RULES, secretOf, WEST_COIN, wordOf } from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const FRESH = newAccount(wordOf(1));

describe('a balance', () => {
  test('is kept by ascending asset id, whatever came first', () => {
    const one = withBalance(withBalance(FRESH, { asset: EAST_COIN, amount: 2n }), {
      asset: WEST_COIN,
      amount: 1n,
    });
    const other = withBalance(withBalance(FRESH, { asset: WEST_COIN, amount: 1n }), {
      asset: EAST_COIN,
      amount: 2n,
    });
    expect(one).toEqual(other);
    expect(one.balances.map(({ asset }) => asset)).toEqual([WEST_COIN, EAST_COIN]);
    expect([balanceOf(one, WEST_COIN), balanceOf(one, wordOf(9))]).toEqual([1n, 0n]);
  });

  test('of zero is not kept', () => {
    const account = withBalance(FRESH, { asset: WEST_COIN, amount: 5n });
    expect(withBalance(account, { asset: WEST_COIN, amount: -5n })).toEqual(FRESH);
    expect(withBalance(FRESH, { asset: WEST_COIN, amount: 0n })).toEqual(FRESH);
  });

  test('cannot be negative', () => {
    const change = { asset: WEST_COIN, amount: -1n };
    expect(refusal(() => withBalance(FRESH, change)).code).toBe('LEDGER_SUPPLY_BROKEN');
  });
});

describe('a write', () => {
  const draft = () => openDraft(GENESIS, { rules: RULES, asOf: 0n, secretOf });

  test('keeps the books of what accounts hold', () => {
    const book = draft();
    const change = { asset: WEST_COIN, amount: 7n };
    writeAccount(book, { account: wordOf(3), change, base: () => FRESH }, wordOf(3));
    expect(book.accounts.get(wordOf(3))).toEqual(withBalance(FRESH, change));
    expect(book.assets.get(WEST_COIN)?.inside).toBe(7n);
  });

  test('of nothing leaves every account as it is, and is made nonetheless', () => {
    const book = draft();
    const written = vi.spyOn(book.accounts, 'setNear');
    writeAccount(book, undefined, wordOf(3));
    expect(written).toHaveBeenCalledOnce();
    const after = book.accounts.done();
    expect([...after.entries()]).toEqual([...GENESIS.accounts.entries()]);
  });
});
