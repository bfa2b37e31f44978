import { type CrowdFactor, type Leg, MAX_LEGS } from '../protocol/order.ts';
import { splitIntoRungs } from '../protocol/rungs.ts';
import type { Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { AssetTerms } from './asset-terms.ts';

/** How something is to leave: by pools, or at once and linkable by amount and time. */
export type LegWay = 'direct' | 'pooled';

/** Whom to pay what. */
export interface Payment {
  readonly way: LegWay;
  /** The chain that pays. */
  readonly chainId: bigint;
  /** 20 bytes each. If it is direct, the first is paid. */
  readonly recipients: readonly [Hex, ...Hex[]];
  /** What the legs may sum up to, rates included. */
  readonly amount: bigint;
  readonly crowd?: CrowdFactor;
  /** Whether one address may be paid several legs, which add up to what was paid in. */
  readonly sameAddress?: boolean;
}

/** A payment as legs of an order. */
export interface PaymentPlan {
  readonly legs: readonly Leg[];
  /** What no leg takes, and stays in the account. */
  readonly rest: bigint;
  /** What the recipients get in the end, all together. */
  readonly received: bigint;
}

/**
 * Cuts a payment into legs: one if it is direct, canonical amounts if it is pooled. Of these every address is paid one, the largest
 * first, and the rest stays in the account; unless one address may be paid several.
 *
 * @throws {PaymentError} PAYMENT_NO_RATE the asset cannot be paid there @throws {PaymentError} PAYMENT_TOO_SMALL
 */
export function planPayment(terms: AssetTerms, payment: Payment): PaymentPlan {
  const { way, chainId, recipients, amount, crowd = 1 } = payment;
  const rate = terms.rates.get(chainId);
  if (rate === undefined) throw new PaymentError('PAYMENT_NO_RATE', { chainId, amount });
  const most = payment.sameAddress ? MAX_LEGS : Math.min(recipients.length, MAX_LEGS);
  const { parts, rest } =
    way === 'direct' ? { parts: [amount], rest: 0n } : splitIntoRungs(amount, terms, most);
  if (parts.length === 0 || parts.some((part) => part <= rate)) {
    throw new PaymentError('PAYMENT_TOO_SMALL', { chainId, amount });
  }
  const legs = parts.map((part, i): Leg => {
    const recipient = recipientWord(recipients[i % recipients.length] ?? recipients[0]);
    return { mode: way, chainId, recipient, amount: part, crowd: way === 'pooled' ? crowd : 1 };
  });
  return { legs, rest, received: amount - rest - rate * BigInt(parts.length) };
}

/** A leg that credits another account inside the ledger. @param account 32 bytes */
export function transferLeg(account: Hex, amount: bigint): Leg {
  return { mode: 'transfer', chainId: 0n, recipient: account, amount, crowd: 1 };
}

/** An address as orders name recipients: padded on the left. 32 bytes. */
export function recipientWord(address: Hex): Hex {
  return `0x${address.slice(2).padStart(64, '0')}`;
}

/** What decides how much a payment takes beside what it pays. */
export interface DepositFacts {
  /** What the gateway asks for carrying the message. */
  readonly fee: bigint;
  /** Whether the account is open: opening one costs. */
  readonly isOpen: boolean;
  /** What an open account has of the asset; as much as it has to keep, unless given. */
  readonly balance?: bigint;
}

/**
 * What has to be paid in, so that a payment of `amount` can be made out of it: also what the account keeps of this very asset, and
 * what a gateway takes at least, since the payment would not be made, or the deposit not taken, without.
 */
export function depositFor(
  amount: bigint,
  { entryFee, leastBalance }: AssetTerms,
  { fee, isOpen, balance = leastBalance }: DepositFacts,
): bigint {
  const opening = entryFee + leastBalance;
  if (!isOpen) return amount + fee + opening;
  const credit = amount + (balance < leastBalance ? leastBalance - balance : 0n);
  return fee + (credit < opening ? opening : credit);
}

/** What an account that has `balance` of the asset lacks for an order of these legs, with what posting it earns; 0 if nothing. */
export function lackFor(
  legs: readonly Pick<Leg, 'amount'>[],
  { leastBalance, reward }: AssetTerms,
  balance: bigint,
): bigint {
  const needed = legs.reduce((sum, { amount }) => sum + amount, reward + leastBalance);
  return needed > balance ? needed - balance : 0n;
}

/**
 * The least that a transfer inside the ledger credits: enough to open the payee's account, also if that is open, which nobody is to
 * learn.
 */
export function leastTransfer({ entryFee, leastBalance }: AssetTerms): bigint {
  return entryFee + leastBalance;
}

type PaymentErrorCode = 'PAYMENT_NO_RATE' | 'PAYMENT_TOO_SMALL';

const WHAT: Readonly<Record<PaymentErrorCode, string>> = {
  PAYMENT_NO_RATE: 'the asset cannot be paid on that chain',
  PAYMENT_TOO_SMALL: 'it is less than a payout costs, or than the smallest amount of the pools',
};

/** A payment that the ledger would not make. */
export class PaymentError extends BridgeError<{ chainId: bigint; amount: bigint }> {
  readonly code: PaymentErrorCode;
  readonly disposition = 'reject';
  constructor(code: PaymentErrorCode, meta: { chainId: bigint; amount: bigint }) {
    super(
      `A payment of ${meta.amount} on chain ${meta.chainId} is not possible: ${WHAT[code]}.`,
      meta,
    );
    this.code = code;
  }
}
