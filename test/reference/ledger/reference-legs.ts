import type { LegEntry, LegPayment } from '../../../src/ledger/state.ts';
import type { AssetId } from '../../../src/protocol/asset.ts';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { type DepositOrder, type Leg, MAX_LEGS } from '../../../src/protocol/order.ts';
import { payoutTag } from '../../../src/protocol/tag.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { assetOf, balanceOf, chainOf, credit, open, rateOf } from './lookups.ts';
import type { PlainState } from './plain-state.ts';
import { drawExit, legIdOf } from './reference-draws.ts';
import { houseOf, type Round } from './reference-round.ts';

const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`;

/** Who pays an order's legs, of what, and what beside them it has to pay. */
export interface Payer {
  readonly account: Hex;
  readonly asset: AssetId;
  readonly spare: bigint;
}

export function canPay(
  { state }: Round,
  { account, asset, spare }: Payer,
  legs: readonly Leg[],
): boolean {
  const { leastBalance } = assetOf(state, asset).terms!;
  if (balanceOf(state, account, asset) - spare - sumOf(legs) < leastBalance) return false;
  return legs.every((leg) => isPossible(state, asset, leg));
}

function isPossible(state: PlainState, asset: AssetId, leg: Leg): boolean {
  const { mode, chainId, recipient, amount } = leg;
  const terms = assetOf(state, asset).terms!;
  if (amount === 0n) return false;
  if (mode === 'transfer') return amount >= terms.entryFee + terms.leastBalance;
  const chain = chainOf(state, chainId);
  if (chain === undefined || rateOf(state, asset, chainId) === undefined) return false;
  const isAddress = recipient.startsWith(`0x${'00'.repeat(12)}`);
  const address: Hex = `0x${recipient.slice(26)}`;
  if (!isAddress || address === ZERO_ADDRESS || address === chain.gateway) return false;
  return mode === 'direct' || canonicalAmounts(terms).includes(amount);
}

/** All of them, written out. */
function canonicalAmounts({ poolUnit, rungs }: { poolUnit: bigint; rungs: readonly number[] }) {
  return rungs.map(
    (rung) => [1n, 2n, 5n][rung % 3]! * 10n ** BigInt((rung - (rung % 3)) / 3) * poolUnit,
  );
}

export function sumOf(legs: readonly Leg[]): bigint {
  return legs.reduce((sum, { amount }) => sum + amount, 0n);
}

type LegTerms = Pick<
  DepositOrder,
  'legs' | 'notBefore' | 'patience' | 'afterPatience' | 'tagSecret'
>;

export function pay(
  round: Round,
  { message, payer, root, order }: { message: Message; payer: Payer; root: Hex; order: LegTerms },
): void {
  const { state } = round;
  const { account, asset } = payer;
  order.legs.forEach((leg, i) => {
    const { mode, chainId, amount, crowd } = leg;
    credit(state, account, asset, -amount);
    const tag = payoutTag(order.tagSecret, i);
    const recipient: Hex = `0x${leg.recipient.slice(26)}`;
    if (mode === 'transfer') {
      const opening = { account: leg.recipient, root, house: houseOf(round) };
      if (state.accounts.has(leg.recipient)) credit(state, leg.recipient, asset, amount);
      else open(state, opening, { asset, amount });
    } else if (mode === 'direct') {
      const rate = rateOf(state, asset, chainId)!;
      if (amount <= rate || chainOf(state, chainId)!.isSuspended) {
        credit(state, account, asset, amount);
        return;
      }
      const release = { tag, asset, recipient, amount: amount - rate, refundOf: 0n };
      round.payouts.push({ chainId, release, rate, from: { kind: 'direct', account, amount } });
    } else {
      enter(round, message, {
        place: i,
        terms: order,
        payment: { asset, chainId, amount, recipient, tag, account, root, crowd },
      });
    }
  });
}

/** Puts a leg, or what stands in its place, among those that wait. */
function enter(
  round: Round,
  { chainId, index }: Message,
  { place, terms, payment }: { place: number; terms: WaitTerms; payment: LegPayment | undefined },
): void {
  const { notBefore, patience, afterPatience } = terms;
  const id = legIdOf(chainId, index, place);
  const exitRound = drawExit(round, id, round.round);
  round.state.legs.set(id, { payment, notBefore, patience, afterPatience, exitRound });
}

type WaitTerms = Pick<LegEntry, 'notBefore' | 'patience' | 'afterPatience'>;

/** Nothing waits for more than thirty days before it may leave. */
export function isParkedTooLong(
  { round, input }: Round,
  { notBefore }: { readonly notBefore: bigint },
): boolean {
  return (notBefore - round) * input.rules.schedule.roundSec > 30n * 86_400n;
}

/** Six entries for every envelope that is sealed by its public form, whatever is in it. */
export function addDummies(round: Round, message: Message, envelope: OpenedEnvelope): void {
  if (!isSealedByForm(message)) return;
  const isRead = envelope.kind === (message.envelope[0] === 1 ? 'sealed' : 'post');
  const terms: WaitTerms =
    isRead && !isParkedTooLong(round, envelope.order)
      ? envelope.order
      : { notBefore: 0n, patience: 0n, afterPatience: 'wait' };
  for (let place = 0; place < MAX_LEGS; place++) {
    const id = legIdOf(message.chainId, message.index, place);
    if (!round.state.legs.has(id)) enter(round, message, { place, terms, payment: undefined });
  }
}

function isSealedByForm({ envelope, amount, fee }: Message): boolean {
  return amount === fee ? envelope[0] === 2 : envelope[0] === 1;
}
