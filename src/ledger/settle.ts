import type { OpenedEnvelope } from '../protocol/envelope.ts';
import type { Order } from '../protocol/envelope-order.ts';
import type { Message } from '../protocol/message.ts';
import type { Release } from '../protocol/release.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../protocol/tag.ts';
import type { Hex } from '../shared/bytes.ts';

/** Nobody: never a recipient. 20 bytes. */
export const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`;

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
  /** A payout to the gateway that would have to pay it: nobody could ever claim it. */
  | 'gateway-recipient'
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

/** The gateways of the ledger's chains, 20 bytes each, by chain id. */
type Gateways = ReadonlyMap<bigint, Hex>;

/**
 * Decides what a message pays to whom. Depends on the message and the set of chains only, never on the ledger's state:
 * so a message's releases are the same in whichever transition it is consumed.
 *
 * @param gateways of every chain of the ledger
 */
export function settleMessage(
  { message, envelope }: OpenedMessage,
  gateways: Gateways,
): Settlement {
  if (envelope.kind === 'unopened') return refundPublicly(message, 'envelope-unopened');
  return envelope.kind === 'sealed'
    ? settleOrder(message, envelope.order, gateways)
    : settleTransparent(message, envelope.recipient, gateways);
}

function settleTransparent(message: Message, recipient: Hex, gateways: Gateways): Settlement {
  const fault = isReachable(message, gateways)
    ? findRecipientFault(recipient, gateways.get(message.destination))
    : 'unknown-destination';
  if (fault !== undefined) return refundPublicly(message, fault);
  const { asset, chainId, gateway, index, destination } = message;
  const tag = publicTag(chainId, gateway, index, 0);
  const releases = [{ tag, asset, recipient, amount: forRecipients(message), refundOf: 0n }];
  return { chainId: destination, releases };
}

function settleOrder(message: Message, order: Order, gateways: Gateways): Settlement {
  const available = forRecipients(message);
  const fault = isReachable(message, gateways)
    ? findOrderFault(order, { available, gateway: gateways.get(message.destination) })
    : 'unknown-destination';
  if (fault !== undefined) return refundPrivately(message, order, fault);
  const amounts = amountsOf(order, available);
  const releases = order.payouts.map(({ recipient }, i) => ({
    tag: payoutTag(order.tagSecret, i),
    asset: message.asset,
    recipient,
    amount: amounts[i] ?? 0n,
    refundOf: 0n,
  }));
  return { chainId: message.destination, releases };
}

/** Gateways refuse a deposit for their own chain, so an order for it is no more than one for nowhere. */
function isReachable({ chainId, destination }: Message, gateways: Gateways): boolean {
  return destination !== chainId && gateways.has(destination);
}

/** A refund of what hides nothing, or was not read: as public as its deposit. */
function refundPublicly(message: Message, refundReason: RefundReason): Settlement {
  const { chainId, gateway, index, refundTo } = message;
  const tag = publicTag(chainId, gateway, index, REFUND_PAYOUT_INDEX);
  return { chainId, releases: [refundOf(message, tag, refundTo)], refundReason };
}

/**
 * A refund of an order that was read. It goes where the order says, under a tag that only its owner knows; that it gives
 * back this very message is public, so that no message can be given back twice.
 */
function refundPrivately(message: Message, order: Order, refundReason: RefundReason): Settlement {
  const { chainId, gateway, refundTo } = message;
  const { refundAddress, tagSecret } = order;
  const tag = payoutTag(tagSecret, REFUND_PAYOUT_INDEX);
  const isPayable = findRecipientFault(refundAddress, gateway) === undefined;
  const recipient = isPayable ? refundAddress : refundTo;
  return { chainId, releases: [refundOf(message, tag, recipient)], refundReason };
}

function refundOf(message: Message, tag: Hex, recipient: Hex): Release {
  const { asset, index } = message;
  return { tag, asset, recipient, amount: forRecipients(message), refundOf: index + 1n };
}

/** Why no one can ever get what `gateway` is to pay to `recipient`. */
function findRecipientFault(recipient: Hex, gateway: Hex | undefined): RefundReason | undefined {
  if (recipient === ZERO_ADDRESS) return 'zero-recipient';
  return recipient === gateway ? 'gateway-recipient' : undefined;
}

/** What an order has to work with: its deposit less the fee, and the gateway that is to pay. */
interface Means {
  readonly available: bigint;
  readonly gateway: Hex | undefined;
}

function findOrderFault(order: Order, { available, gateway }: Means): RefundReason | undefined {
  if (order.delaySec > 0) return 'delay-unsupported';
  if (order.leastAnonymitySet > 1) return 'anonymity-set-unsupported';
  for (const { recipient } of order.payouts) {
    const fault = findRecipientFault(recipient, gateway);
    if (fault !== undefined) return fault;
  }
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
