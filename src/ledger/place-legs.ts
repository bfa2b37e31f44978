import type { AssetId } from '../protocol/asset.ts';
import {
  type DepositOrder,
  type Leg,
  MAX_LEGS,
  type PostedOrder,
  TAG_SECRET_BYTES,
} from '../protocol/order.ts';
import { payoutTag } from '../protocol/tag.ts';
import type { Hex } from '../shared/bytes.ts';
import { type AccountWrite, newAccount, requireOpen, writeAccount } from './accounts.ts';
import { addressOf, mayPark } from './check-legs.ts';
import { type Draft, exitLaw, rateOf } from './draft.ts';
import { legId, type MessagePlace } from './entry-keys.ts';
import { drawExit } from './exit-draw.ts';
import { addLeg } from './legs.ts';
import type { AssetTerms, LegEntry, LegPayment } from './state.ts';

/** How long what an order leaves in the pools waits. */
export type WaitTerms = Pick<LegEntry, 'notBefore' | 'patience' | 'afterPatience'>;

/** Of what stands for an order that nobody can read, or that would wait too long. */
const UNREAD: WaitTerms = { notBefore: 0n, patience: 0n, afterPatience: 'wait' };
const UNREAD_TAG_SECRET = new Uint8Array(TAG_SECRET_BYTES);

/** An order whose legs are done, and the account that pays them. */
export interface Spending {
  readonly asset: AssetId;
  readonly terms: AssetTerms;
  readonly account: Hex;
  /** Whose money it is, 32 bytes: of a deposit the depositor's root, of a post the account's. */
  readonly root: Hex;
  readonly legs: readonly Leg[];
}

/** What legs take out of their account: all but the direct ones that cannot leave now. */
export function debitOf(draft: Draft, { asset, legs }: Pick<Spending, 'asset' | 'legs'>): bigint {
  return legs.reduce((sum, leg) => (isKept(draft, asset, leg) ? sum : sum + leg.amount), 0n);
}

/**
 * Does an order's legs, which have been checked and paid for.
 *
 * SECURITY: whatever is in the order, also if there is none: six draws, six entries, six writes of accounts and one of the house's.
 *
 * @param place    the message that brought the order
 * @param order    undefined if it could not be read
 * @param spending undefined if nothing is done
 * @param entryFee what the account that pays has been opened for, for the house
 */
export function placeLegs(
  draft: Draft,
  place: MessagePlace,
  { order, spending, entryFee }: PlacedOrder,
): void {
  const waits = order !== undefined && mayPark(draft, order) ? order : UNREAD;
  let entryFees = entryFee;
  for (let i = 0; i < MAX_LEGS; i++) {
    const id = legId(place, i);
    const leg = spending?.legs[i];
    const tag = payoutTag(order?.tagSecret ?? UNREAD_TAG_SECRET, i);
    const paid = leg && spending && { leg, spending, tag };
    if (paid?.leg.mode === 'direct') releaseNow(draft, paid);
    const exitRound = drawExit(exitLaw(draft), id, draft.round);
    const { notBefore, patience, afterPatience } = waits;
    const payment = paid?.leg.mode === 'pooled' ? paymentOf(paid) : undefined;
    addLeg(draft, id, { payment, notBefore, patience, afterPatience, exitRound });
    const transfer = paid?.leg.mode === 'transfer' ? transferOf(draft, paid) : undefined;
    writeAccount(draft, transfer?.write, id);
    entryFees += transfer?.entryFee ?? 0n;
  }
  creditHouse(draft, spending?.asset, entryFees);
}

/** See {@link placeLegs}. */
interface PlacedOrder {
  readonly order: DepositOrder | PostedOrder | undefined;
  readonly spending: Spending | undefined;
  readonly entryFee: bigint;
}

/** A leg that is done. */
interface PaidLeg {
  readonly leg: Leg;
  readonly spending: Spending;
  readonly tag: Hex;
}

/** Whether a direct leg stays in its account: it does not cover its rate, or its chain is suspended. */
function isKept(draft: Draft, asset: AssetId, { mode, chainId, amount }: Leg): boolean {
  if (mode !== 'direct') return false;
  const isSuspended = draft.chains.get(chainId)?.isSuspended ?? true;
  return isSuspended || amount <= (rateOf(draft, asset, chainId) ?? amount);
}

function releaseNow(draft: Draft, { leg, spending, tag }: PaidLeg): void {
  const { asset, account } = spending;
  if (isKept(draft, asset, leg)) return;
  const { chainId, amount } = leg;
  const rate = rateOf(draft, asset, chainId) ?? 0n;
  const release = { tag, asset, recipient: addressOf(leg), amount: amount - rate, refundOf: 0n };
  draft.payouts.push({ chainId, release, rate, origin: { kind: 'direct', account } });
}

function paymentOf({ leg, spending, tag }: PaidLeg): LegPayment {
  const { chainId, amount, crowd } = leg;
  const { asset, account, root } = spending;
  return { asset, chainId, amount, recipient: addressOf(leg), tag, account, root, crowd };
}

/** Credits the payee; one that is not open is opened by it, with the payer's root, so that nobody has more roots by moving money. */
function transferOf(
  draft: Draft,
  { leg, spending }: PaidLeg,
): { readonly write: AccountWrite; readonly entryFee: bigint } {
  const { recipient: account, amount } = leg;
  const { asset, terms, root } = spending;
  const entryFee = draft.accounts.get(account) === undefined ? terms.entryFee : 0n;
  const change = { asset, amount: amount - entryFee };
  return { write: { account, change, base: (open) => open ?? newAccount(root) }, entryFee };
}

function creditHouse(draft: Draft, asset: AssetId | undefined, entryFees: bigint): void {
  const account = draft.rules.houseAccount;
  if (asset === undefined || entryFees === 0n) {
    writeAccount(draft, undefined, account);
    return;
  }
  const change = { asset, amount: entryFees };
  writeAccount(draft, { account, change, base: requireOpen }, account);
}
