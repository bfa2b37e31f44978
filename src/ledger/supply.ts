import type { AssetId } from '../protocol/asset.ts';
import { assetOf, type Draft, type DraftAsset } from './draft.ts';
import { LedgerError } from './ledger-error.ts';

// SPEC: docs/wire-formats.md, "Ledger state", the supply rule: what leaves a gateway never exceeds what came in.

/** Amounts are below this, on the chains and here. */
export const AMOUNT_LIMIT = 1n << 128n;

/** An amount on one chain, of one asset. */
export interface Movement {
  readonly chainId: bigint;
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** Books a deposit: at the origin it locks, elsewhere it burns. @throws {LedgerError} LEDGER_SUPPLY_BROKEN */
export function bookDeposit(draft: Draft, { chainId, asset, amount }: Movement): void {
  book(draft, { chainId, asset, amount });
}

/** Books what a gateway pays: at the origin it unlocks, elsewhere it mints. @throws {LedgerError} LEDGER_SUPPLY_BROKEN */
export function bookPayout(draft: Draft, { chainId, asset, amount }: Movement): void {
  book(draft, { chainId, asset, amount: -amount });
}

/** Books what comes in, or leaves if negative. */
function book(draft: Draft, movement: Movement): void {
  const entry = assetOf(draft, movement.asset);
  const { chainId, amount } = movement;
  if (chainId === entry.origin) entry.locked = within(entry.locked + amount, movement);
  else entry.minted.set(chainId, within((entry.minted.get(chainId) ?? 0n) - amount, movement));
}

function within(balance: bigint, { chainId, asset, amount }: Movement): bigint {
  if (balance >= 0n && balance < AMOUNT_LIMIT) return balance;
  throw new LedgerError('LEDGER_SUPPLY_BROKEN', 'a balance of 0 … 2^128 − 1', {
    asset,
    chainId,
    amount,
    balance,
  });
}

/**
 * Compares both sets of books: what is locked must be what is minted and what the ledger holds.
 *
 * @throws {LedgerError} LEDGER_SUPPLY_BROKEN
 */
export function requireBalanced({ asset, locked, minted, inside }: DraftAsset): void {
  const outside = [...minted.values()].reduce((sum, amount) => sum + amount, 0n);
  if (inside >= 0n && locked === outside + inside) return;
  throw new LedgerError(
    'LEDGER_SUPPLY_BROKEN',
    'as much locked as is minted, in accounts and waiting',
    { asset, locked, minted: outside, inside },
  );
}
