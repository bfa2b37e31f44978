import type { ControlMessage } from '../protocol/control.ts';
import type { ChainPosition } from '../protocol/message.ts';

/** The anchor's own outbox from where the ledger has consumed it to where it is proven. */
export interface ControlInbox {
  readonly position: ChainPosition;
  /** The last of them has index `position.count - 1`. */
  readonly messages: readonly ControlMessage[];
  /** Time of the newest final header under which `position` was proven to be all, in seconds of Unix time; 0 before the first. */
  readonly provenAtSec: bigint;
}

/** Control messages that wait for a commit at most: far more than governance ever says. */
export const MAX_CONTROL_WAITING = 16_384;

/** The control inbox of which nothing is known behind `position`. */
export function emptyControlInbox(position: ChainPosition): ControlInbox {
  return { position, messages: [], provenAtSec: 0n };
}

/** The control inbox behind `consumed`, which was known to it or is beyond all that it knows. */
export function advanceControl(inbox: ControlInbox, consumed: ChainPosition): ControlInbox {
  if (consumed.count > inbox.position.count) return emptyControlInbox(consumed);
  const first = inbox.position.count - BigInt(inbox.messages.length);
  return { ...inbox, messages: inbox.messages.slice(Number(consumed.count - first)) };
}
