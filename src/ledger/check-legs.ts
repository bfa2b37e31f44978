import type { AssetId } from '../protocol/asset.ts';
import { type Leg, MAX_LEGS, MAX_PARKING_SEC, type OrderTerms } from '../protocol/order.ts';
import { isCanonical } from '../protocol/rungs.ts';
import type { Hex } from '../shared/bytes.ts';
import { type Draft, rateOf } from './draft.ts';
import type { AssetTerms } from './state.ts';

/** Nobody: never a recipient. 20 bytes. */
export const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`;
const PADDING: Hex = `0x${'00'.repeat(12)}`;

/** What an order may spend. */
export interface Purse {
  readonly asset: AssetId;
  readonly terms: AssetTerms;
  /** What the account has before its legs. */
  readonly balance: bigint;
  /** What of it the order may spend. */
  readonly spendable: bigint;
}

/** Whether all legs of an order can be done; they are done together or not at all. */
export function canPay(draft: Draft, purse: Purse, order: OrderTerms): boolean {
  const { legs } = order;
  const sum = sumOf(legs);
  const isCovered = sum <= purse.spendable && purse.balance - sum >= purse.terms.leastBalance;
  // SECURITY: every leg is looked at, whatever is found before it.
  const faults = legs.filter((leg) => !isPossible(draft, purse, leg));
  return isCovered && faults.length === 0 && legs.length <= MAX_LEGS && mayPark(draft, order);
}

/**
 * Whether what an order leaves in the pools may wait for its `notBefore`: dummies cost their sender nothing while they wait, and must
 * not fill the state.
 */
export function mayPark(
  { round, rules }: Draft,
  { notBefore }: Pick<OrderTerms, 'notBefore'>,
): boolean {
  return notBefore <= round + MAX_PARKING_SEC / rules.schedule.roundSec;
}

/** What legs come to. */
export function sumOf(legs: readonly Leg[]): bigint {
  return legs.reduce((sum, { amount }) => sum + amount, 0n);
}

/** Whether a payout can reach somebody: the zero address and the gateway that pays cannot be paid. */
export function isPayable(recipient: Hex, gateway: Hex): boolean {
  return recipient !== ZERO_ADDRESS && recipient !== gateway;
}

/** The address that a leg pays, 20 bytes. */
export function addressOf({ recipient }: Pick<Leg, 'recipient'>): Hex {
  return `0x${recipient.slice(PADDING.length)}`;
}

function isPossible(draft: Draft, { asset, terms }: Purse, leg: Leg): boolean {
  const { mode, chainId, recipient, amount } = leg;
  if (amount <= 0n) return false;
  // SECURITY: also if the payee is open. Else whether it is would show by what a payer has left.
  if (mode === 'transfer') return amount >= terms.entryFee + terms.leastBalance;
  const chain = draft.chains.get(chainId);
  if (chain === undefined || rateOf(draft, asset, chainId) === undefined) return false;
  if (!recipient.startsWith(PADDING) || !isPayable(addressOf(leg), chain.gateway)) return false;
  return mode === 'direct' || isCanonical(terms, amount);
}
