import { type AssetId, originChainId } from '../protocol/asset.ts';
import { LedgerError } from './ledger-error.ts';
import type { AssetSupply } from './state.ts';

// SPEC: docs/wire-formats.md, "Ledger state", the supply rule: what leaves a gateway never exceeds what came in.

/** Amounts are below this, on the chains and here. */
export const AMOUNT_LIMIT = 1n << 128n;

/** Where every asset is while a transition is computed; changed in place. */
export type SupplyBook = Map<AssetId, SupplyEntry>;

interface SupplyEntry {
  readonly origin: bigint;
  locked: bigint;
  readonly minted: Map<bigint, bigint>;
}

/** A book to change, from the entries of a state. */
export function openBook(supply: readonly AssetSupply[]): SupplyBook {
  return new Map(
    supply.map(({ asset, locked, minted }) => [
      asset,
      {
        origin: originChainId(asset),
        locked,
        minted: new Map(minted.map(({ chainId, amount }) => [chainId, amount])),
      },
    ]),
  );
}

/**
 * The entries of the next state.
 *
 * @throws {LedgerError} LEDGER_SUPPLY_BROKEN: not as much is locked as is minted
 */
export function closeBook(book: SupplyBook): AssetSupply[] {
  return [...book]
    .map(([asset, { locked, minted }]) => ({ asset, locked, minted: mintedList(minted) }))
    .filter((entry) => requireBalanced(entry).locked > 0n)
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

/** An amount on one chain, of one asset. */
export interface Movement {
  readonly chainId: bigint;
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** Books a deposit: at the origin it locks, elsewhere it burns. @throws {LedgerError} LEDGER_SUPPLY_BROKEN */
export function bookDeposit(book: SupplyBook, movement: Movement): void {
  const entry = entryOf(book, movement.asset);
  const { chainId, amount } = movement;
  if (chainId === entry.origin) entry.locked = within(entry.locked + amount, movement);
  else entry.minted.set(chainId, within((entry.minted.get(chainId) ?? 0n) - amount, movement));
}

/** Books what a gateway pays: at the origin it unlocks, elsewhere it mints. @throws {LedgerError} LEDGER_SUPPLY_BROKEN */
export function bookPayout(book: SupplyBook, movement: Movement): void {
  const entry = entryOf(book, movement.asset);
  const { chainId, amount } = movement;
  if (chainId === entry.origin) entry.locked = within(entry.locked - amount, movement);
  else entry.minted.set(chainId, within((entry.minted.get(chainId) ?? 0n) + amount, movement));
}

function entryOf(book: SupplyBook, asset: AssetId): SupplyEntry {
  const known = book.get(asset);
  if (known !== undefined) return known;
  const entry = { origin: originChainId(asset), locked: 0n, minted: new Map<bigint, bigint>() };
  book.set(asset, entry);
  return entry;
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

function requireBalanced(entry: AssetSupply): AssetSupply {
  const sum = entry.minted.reduce((total, { amount }) => total + amount, 0n);
  const { asset, locked } = entry;
  if (locked === sum) return entry;
  throw new LedgerError('LEDGER_SUPPLY_BROKEN', 'as much locked as is minted', {
    asset,
    locked,
    sum,
  });
}

function mintedList(minted: ReadonlyMap<bigint, bigint>): AssetSupply['minted'] {
  return [...minted]
    .filter(([, amount]) => amount > 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([chainId, amount]) => ({ chainId, amount }));
}
