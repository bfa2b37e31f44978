import type { AssetId } from '../protocol/asset.ts';
import type { Hex } from '../shared/bytes.ts';
import { assetOf, type Draft } from './draft.ts';
import { LedgerError } from './ledger-error.ts';
import type { Account } from './state.ts';

/** An amount that an account gets, or gives if negative. */
export interface BalanceChange {
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** An account that nothing has happened to yet. */
export function newAccount(root: Hex): Account {
  return { root, nonceBase: 0n, nonceBits: 0n, balances: [] };
}

/** What an account has of an asset. */
export function balanceOf(account: Account, asset: AssetId): bigint {
  return account.balances.find((balance) => balance.asset === asset)?.amount ?? 0n;
}

/** The account with a balance changed; none of zero is kept. @throws {LedgerError} LEDGER_SUPPLY_BROKEN: it would be negative */
export function withBalance(account: Account, { asset, amount }: BalanceChange): Account {
  const balance = balanceOf(account, asset) + amount;
  if (balance < 0n) {
    throw new LedgerError('LEDGER_SUPPLY_BROKEN', 'a balance that is not negative', {
      asset,
      balance,
    });
  }
  const others = account.balances.filter((other) => other.asset !== asset);
  if (balance === 0n) return { ...account, balances: others };
  const at = others.findIndex((other) => other.asset > asset);
  const place = at < 0 ? others.length : at;
  return { ...account, balances: others.toSpliced(place, 0, { asset, amount: balance }) };
}

/** One change of one account: what it is made to, and what it gets by that, so that the books can be kept. */
export interface AccountWrite {
  readonly account: Hex;
  readonly change: BalanceChange;
  /** What the change is made on, given the account if it is open. */
  readonly base: (open: Account | undefined) => Account;
}

/**
 * Writes an account. One look-up and one write, in the place of `seed` if there is nothing to do.
 *
 * SECURITY: every sealed message makes as many of these, whatever becomes of it. What there is not to do writes an account that
 * `seed` picks with what it holds, so that it costs what a change costs: another path of the map that is to be hashed again.
 */
export function writeAccount(draft: Draft, write: AccountWrite | undefined, seed: Hex): void {
  draft.accounts.setNear(write?.account ?? seed, (near) => {
    if (write === undefined) return near;
    const { account, change, base } = write;
    const open = near.key === account ? near.value : undefined;
    assetOf(draft, change.asset).inside += change.amount;
    return { key: account, value: withBalance(base(open), change) };
  });
}

/** Credits, or debits, an account that is open. @throws {LedgerError} LEDGER_SUPPLY_BROKEN */
export function creditAccount(draft: Draft, account: Hex, change: BalanceChange): void {
  writeAccount(draft, { account, change, base: requireOpen }, account);
}

/** What is not open can neither be debited nor be named by a leg. */
export function requireOpen(account: Account | undefined): Account {
  if (account !== undefined) return account;
  throw new LedgerError('LEDGER_SUPPLY_BROKEN', 'an account that is open', {});
}
