import { ChainError } from './bridged-chain.ts';
import type { FeeCeilings } from './fee-ceilings.ts';

/** What would be spent, and on what, as an error says it. */
interface Spending {
  readonly what: string;
  readonly wei: bigint;
}

/** @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
export function requireBelow(chain: string, spending: Spending, ceilingWei: bigint): void {
  if (spending.wei > ceilingWei) throw tooDear(chain, spending, ceilingWei);
}

/** Holds what a transaction costs as a whole to its ceiling. @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
export function requireAffordable(
  chain: string,
  costWei: bigint,
  { transactionWei }: FeeCeilings,
): void {
  requireBelow(chain, { what: 'the transaction', wei: costWei }, transactionWei);
}

/** CHAIN_FEE_ABOVE_CEILING. */
export function tooDear(chain: string, { what, wei }: Spending, ceilingWei: bigint): ChainError {
  const said = `${what} would take ${wei} wei, and the ceiling is ${ceilingWei}`;
  return new ChainError('CHAIN_FEE_ABOVE_CEILING', { chain, what: said });
}
