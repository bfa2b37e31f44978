import type { OpenedMessage } from '../ledger/settle.ts';
import type { OutboxStatus } from '../protocol/enclave-commands.ts';
import { messageBytes } from '../protocol/limits.ts';
import type { ChainPosition, Message } from '../protocol/message.ts';

/** A chain's outbox from where the ledger has consumed it to where it is known. */
export interface Inbox {
  /** Up to where the outbox is proven and its messages are at hand. */
  readonly position: ChainPosition;
  /** The last of them has index `position.count - 1`. */
  readonly messages: readonly OpenedMessage[];
  /** What `messages` count for, at most {@link MAX_INBOX_BYTES} with those of `pending`. */
  readonly bytes: number;
  /** Where the portions behind `position` end, which are proven and whose messages are to come once more. */
  readonly ahead: readonly ChainPosition[];
  /** Portions behind `position` that no proof has confirmed yet. */
  readonly pending: Run | null;
}

/** Portions that follow each other, from an inbox's position on. SECURITY: none of it counts, and nothing is opened. */
export interface Run {
  /** Up to where they reach. */
  readonly position: ChainPosition;
  /** At most {@link MAX_RUN_PORTIONS}; first those whose messages are kept, then those for which there was no room. */
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
  return { position, messages: [], bytes: 0, ahead: [], pending: null };
}

/** The inbox without the messages before index `consumed`, which is between the first of them and `position.count`. */
export function dropMessages(inbox: Inbox, consumed: bigint): Inbox {
  const first = inbox.position.count - BigInt(inbox.messages.length);
  const messages = inbox.messages.slice(Number(consumed - first));
  return { ...inbox, messages, bytes: sumBytes(messages.map(({ message }) => message)) };
}

/** What messages count for together. */
export function sumBytes(messages: readonly { readonly envelope: Uint8Array }[]): number {
  return messages.reduce((sum, message) => sum + messageBytes(message), 0);
}

/** How far a chain's outbox is known, as answers say it. */
export function describeInbox(chainId: bigint, inbox: Inbox): OutboxStatus {
  const { position, ahead, pending } = inbox;
  return { chainId, position, scanned: pending?.position ?? position, ahead: ahead[0] ?? null };
}
