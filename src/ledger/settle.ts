import type { OpenedEnvelope } from '../protocol/envelope.ts';
import type { Order } from '../protocol/envelope-order.ts';
import type { Message } from '../protocol/message.ts';
import type { Release } from '../protocol/release.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../protocol/tag.ts';
import type { Hex } from '../shared/bytes.ts';

const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`;

/** A message of a gateway's outbox with what its envelope says. */
export interface OpenedMessage {
  readonly message: Message;
  readonly envelope: OpenedEnvelope;
}

/** Why a deposit goes back instead of across. */
export type RefundReason =
  /** The envelope is not one, or not for this deposit, or its order is no order. */
  | 'envelope-unopened'
  /** The ledger has no such chain, or it is the one the deposit was made on. */
  | 'unknown-destination'
  /** Delays are not built yet. */
  | 'delay-unsupported'
  /** Waiting for others to hide among is not built yet. */
  | 'anonymity-set-unsupported'
  /** A payout to the zero address. */
  | 'zero-recipient'
  /** A payout of nothing. */
  | 'zero-payout'
  /** The payouts are more than the amount less the fee. */
  | 'payouts-exceed-amount';

/** What becomes of one message, whatever else is consumed with it. */
export interface Settlement {
  /** The chain that pays, and on which the fee is paid out too. */
  readonly chainId: bigint;
  /** Their amounts and the message's fee add up to its amount. */
  readonly releases: readonly Release[];
  /** Set if the deposit goes back. */
  readonly refundReason?: RefundReason;
}

/**
 * Decides what a message pays to whom. Depends on the message and the set of chains only, never on the ledger's state:
 * so a message's releases are the same in whichever transition it is consumed.
 *
 * @param chainIds the chains of the ledger
 */
export function settleMessage(
  { message, envelope }: OpenedMessage,
  chainIds: ReadonlySet<bigint>,
): Settlement {
  if (envelope.kind === 'unopened') return refundPublicly(message, 'envelope-unopened');
  return envelope.kind === 'sealed'
    ? settleOrder(message, envelope.order, chainIds)
    : settleTransparent(message, envelope.recipient, chainIds);
}

function settleTransparent(
  message: Message,
  recipient: Hex,
  chainIds: ReadonlySet<bigint>,
): Settlement {
  if (!isReachable(message, chainIds)) return refundPublicly(message, 'unknown-destination');
  if (recipient === ZERO_ADDRESS) return refundPublicly(message, 'zero-recipient');
  const { asset, chainId, gateway, index, destination } = message;
  const tag = publicTag(chainId, gateway, index, 0);
  const releases = [{ tag, asset, recipient, amount: forRecipients(message) }];
  return { chainId: destination, releases };
}

function settleOrder(message: Message, order: Order, chainIds: ReadonlySet<bigint>): Settlement {
  const available = forRecipients(message);
  const fault = isReachable(message, chainIds)
    ? findOrderFault(order, available)
    : 'unknown-destination';
  if (fault !== undefined) return refundPrivately(message, order, fault);
  const amounts = amountsOf(order, available);
  const releases = order.payouts.map(({ recipient }, i) => ({
    tag: payoutTag(order.tagSecret, i),
    asset: message.asset,
    recipient,
    amount: amounts[i] ?? 0n,
  }));
  return { chainId: message.destination, releases };
}

/** Gateways refuse a deposit for their own chain, so an order for it is no more than one for nowhere. */
function isReachable({ chainId, destination }: Message, chainIds: ReadonlySet<bigint>): boolean {
  return destination !== chainId && chainIds.has(destination);
}

/** A refund of what hides nothing, or was not read: as public as its deposit. */
function refundPublicly(message: Message, refundReason: RefundReason): Settlement {
  const { asset, sender, chainId, gateway, index } = message;
  const tag = publicTag(chainId, gateway, index, REFUND_PAYOUT_INDEX);
  const releases = [{ tag, asset, recipient: sender, amount: forRecipients(message) }];
  return { chainId, releases, refundReason };
}

/** A refund of an order that was read: as private as its payouts would have been. */
function refundPrivately(message: Message, order: Order, refundReason: RefundReason): Settlement {
  const { asset, sender, chainId } = message;
  const tag = payoutTag(order.tagSecret, REFUND_PAYOUT_INDEX);
  const recipient = order.refundAddress === ZERO_ADDRESS ? sender : order.refundAddress;
  const releases = [{ tag, asset, recipient, amount: forRecipients(message) }];
  return { chainId, releases, refundReason };
}

function findOrderFault(order: Order, available: bigint): RefundReason | undefined {
  if (order.delaySec > 0) return 'delay-unsupported';
  if (order.leastAnonymitySet > 1) return 'anonymity-set-unsupported';
  if (order.payouts.some(({ recipient }) => recipient === ZERO_ADDRESS)) return 'zero-recipient';
  if (sumOf(order) > available) return 'payouts-exceed-amount';
  return amountsOf(order, available).includes(0n) ? 'zero-payout' : undefined;
}

/** The payouts' amounts, the last with what the others leave. */
function amountsOf(order: Order, available: bigint): bigint[] {
  const rest = available - sumOf(order);
  const last = order.payouts.length - 1;
  return order.payouts.map(({ amount }, i) => (i === last ? amount + rest : amount));
}

function sumOf({ payouts }: Order): bigint {
  return payouts.reduce((sum, { amount }) => sum + amount, 0n);
}

function forRecipients({ amount, fee }: Message): bigint {
  return amount - fee;
}
