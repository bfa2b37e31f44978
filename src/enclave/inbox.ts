import type { OutboxStatus } from '../protocol/enclave-commands.ts';
import { messageBytes } from '../protocol/limits.ts';
import type { ChainPosition, Message } from '../protocol/message.ts';

/** A chain's outbox from where the ledger has consumed it to where it is known. */
export interface Inbox {
  /** Up to where the outbox is proven and its messages are at hand. */
  readonly position: ChainPosition;
  /** The last of them has index `position.count - 1`. SECURITY: their envelopes are opened when their round is computed. */
  readonly messages: readonly Message[];
  /** What `messages` count for, at most `MAX_INBOX_BYTES` with those of `pending`. */
  readonly bytes: number;
  /** All that the outbox took before this second is at hand, in Unix time; 0 if nothing is known. */
  readonly provenAtSec: bigint;
  /** Where the portions behind `position` end, which are proven and whose messages are to come once more. */
  readonly ahead: readonly ChainPosition[];
  /** What `provenAtSec` will be once they have come; 0 if even then more is missing. */
  readonly aheadAtSec: bigint;
  /** Portions behind `position` that no proof has confirmed yet. */
  readonly pending: Run | null;
}

/** Portions that follow each other, from an inbox's position on. SECURITY: none of it counts. */
export interface Run {
  /** Up to where they reach. */
  readonly position: ChainPosition;
  /** At most `MAX_RUN_PORTIONS`; first those whose messages are kept, then those for which there was no room. */
  readonly portions: readonly Portion[];
  /** What the messages that are kept count for. */
  readonly bytes: number;
}

/** A part of a run. */
export interface Portion {
  readonly end: ChainPosition;
  /** Null if there was no room for them. */
  readonly messages: readonly Message[] | null;
}

/** The inbox of a chain of which nothing is known behind `position`. */
export function emptyInbox(position: ChainPosition): Inbox {
  return {
    position,
    messages: [],
    bytes: 0,
    provenAtSec: 0n,
    ahead: [],
    aheadAtSec: 0n,
    pending: null,
  };
}

/** The inbox behind `consumed`, which was known to it or is beyond all that it knows. */
export function advanceInbox(inbox: Inbox, consumed: ChainPosition): Inbox {
  if (consumed.count > inbox.position.count) return emptyInbox(consumed);
  const first = inbox.position.count - BigInt(inbox.messages.length);
  const messages = inbox.messages.slice(Number(consumed.count - first));
  return { ...inbox, messages, bytes: sumBytes(messages) };
}

/** The inbox with messages that are proven to follow, up to `end`; what it knows of the time behind them is the caller's to say. */
export function takeMessages(
  inbox: Inbox,
  messages: readonly Message[],
  end: ChainPosition,
): Inbox {
  // Times never fall in an outbox: what was sent before the last message's second stands before it.
  const lastSec = messages.at(-1)?.sentAtSec ?? 0n;
  return {
    ...inbox,
    position: end,
    messages: [...inbox.messages, ...messages],
    bytes: inbox.bytes + sumBytes(messages),
    provenAtSec: laterOf(inbox.provenAtSec, lastSec),
  };
}

/** The later of two times. */
export function laterOf(a: bigint, b: bigint): bigint {
  return a < b ? b : a;
}

/** What messages count for together. */
export function sumBytes(messages: readonly { readonly envelope: Uint8Array }[]): number {
  return messages.reduce((sum, message) => sum + messageBytes(message), 0);
}

/** How far a chain's outbox is known, as answers say it. */
export function describeInbox(chainId: bigint, inbox: Inbox, paid: bigint): OutboxStatus {
  const { position, ahead, pending, provenAtSec } = inbox;
  const scanned = pending?.position ?? position;
  return { chainId, position, scanned, ahead: ahead[0] ?? null, provenAtSec, paid };
}
