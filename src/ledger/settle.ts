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
  const refundReason = findRefundReason({ message, envelope }, chainIds);
  if (refundReason !== undefined) {
    const releases = [refundOf(message, envelope)];
    return { chainId: message.chainId, releases, refundReason };
  }
  return { chainId: message.destination, releases: payoutsOf(message, envelope) };
}

function findRefundReason(
  { message, envelope }: OpenedMessage,
  chainIds: ReadonlySet<bigint>,
): RefundReason | undefined {
  const { chainId, destination } = message;
  if (envelope.kind === 'unopened') return 'envelope-unopened';
  if (destination === chainId || !chainIds.has(destination)) return 'unknown-destination';
  if (envelope.kind === 'sealed') return findOrderFault(envelope.order, forRecipients(message));
  return envelope.recipient === ZERO_ADDRESS ? 'zero-recipient' : undefined;
}

function findOrderFault(order: Order, available: bigint): RefundReason | undefined {
  if (order.delaySec > 0) return 'delay-unsupported';
  if (order.leastAnonymitySet > 1) return 'anonymity-set-unsupported';
  if (order.payouts.some(({ recipient }) => recipient === ZERO_ADDRESS)) return 'zero-recipient';
  if (sumOf(order) > available) return 'payouts-exceed-amount';
  return amountsOf(order, available).includes(0n) ? 'zero-payout' : undefined;
}

function payoutsOf(message: Message, envelope: OpenedEnvelope): Release[] {
  const { asset, chainId, gateway, index } = message;
  const available = forRecipients(message);
  if (envelope.kind !== 'sealed') {
    const recipient = envelope.kind === 'transparent' ? envelope.recipient : message.sender;
    return [{ tag: publicTag(chainId, gateway, index, 0), asset, recipient, amount: available }];
  }
  const { order } = envelope;
  const amounts = amountsOf(order, available);
  return order.payouts.map(({ recipient }, i) => ({
    tag: payoutTag(order.tagSecret, i),
    asset,
    recipient,
    amount: amounts[i] ?? 0n,
  }));
}

/** The refund of an order that was read is as private as its payouts; any other is public, as its deposit is. */
function refundOf(message: Message, envelope: OpenedEnvelope): Release {
  const { asset, sender, chainId, gateway, index } = message;
  const amount = forRecipients(message);
  if (envelope.kind !== 'sealed') {
    const tag = publicTag(chainId, gateway, index, REFUND_PAYOUT_INDEX);
    return { tag, asset, recipient: sender, amount };
  }
  const { tagSecret, refundAddress } = envelope.order;
  const recipient = refundAddress === ZERO_ADDRESS ? sender : refundAddress;
  return { tag: payoutTag(tagSecret, REFUND_PAYOUT_INDEX), asset, recipient, amount };
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
