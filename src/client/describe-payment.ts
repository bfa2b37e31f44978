import { MAX_LEGS } from '../protocol/order.ts';
import { rungAmount } from '../protocol/rungs.ts';
import type { Hex } from '../shared/bytes.ts';
import type { AssetTerms } from './asset-terms.ts';
import type { LegWay, PaymentPlan } from './payment-plan.ts';

/** A payment that has been planned. */
export interface PaymentTexts extends PaymentPlan {
  readonly way: LegWay | 'transparent';
  /** Whom it was to pay, 20 bytes each. */
  readonly recipients: readonly Hex[];
  readonly terms: AssetTerms;
  /** An amount as the user reads it. */
  readonly show: (amount: bigint) => string;
}

/** What leaves now, what of it arrives, and what stays in the account, each in a line. */
export function describePayment(payment: PaymentTexts): string[] {
  const { legs, rest, received, recipients, show } = payment;
  const paid = legs.reduce((sum, { amount }) => sum + amount, 0n);
  const parts = `${show(paid)} of ${show(paid + rest)} leaves now`;
  const who = recipients.length > 1 ? 'the recipients together get' : 'the recipient gets';
  const gets = `${who} ${show(received)}, after what the payouts cost`;
  return [
    rest === 0n ? gets : `${parts}: ${gets}`,
    ...(rest === 0n ? [] : [describeRest(payment)]),
    ...recipients.slice(legs.length).map((address) => `${address} gets nothing: no part is left`),
  ];
}

function describeRest({ legs, rest, recipients, terms, show }: PaymentTexts): string {
  const stays = `${show(rest)} stays in your account`;
  if (rest < rungAmount(terms.poolUnit, Math.min(...terms.rungs))) {
    return `${stays}: it is less than the smallest amount of the pools`;
  }
  const isShortOfAddresses = recipients.length === legs.length && legs.length < MAX_LEGS;
  const later = `${stays}: withdraw it later to other addresses`;
  return isShortOfAddresses ? `${later}, or name more with --to` : later;
}
