import type { OpenedMessage } from '../ledger/transition.ts';
import type { SigningDomain } from '../protocol/eip712.ts';
import { type OpenedEnvelope, openEnvelope, type SecretOf } from '../protocol/envelope.ts';
import type { Message } from '../protocol/message.ts';

/** Envelopes opened side by side: key agreement may run outside the main thread. */
const SIDE_BY_SIDE = 64;

/** How messages are opened. */
export interface Opening {
  /** The ledger's id. */
  readonly ledger: SigningDomain;
  readonly secretOf: SecretOf;
  /** SECURITY: what was sent before this second is late: never opened, only refunded. */
  readonly sinceSec: bigint;
}

/** What the ledger is told of a late message, whose envelope it does not ask for. */
const LATE: OpenedEnvelope = { kind: 'unopened', reason: 'undecryptable' };

/**
 * What has been opened, by the very object that it came in: a round is computed again if its commit does not make it. Not
 * what named an epoch that was unknown, which may become known.
 */
const OPENED = new WeakMap<Message, OpenedEnvelope>();

/** The messages with what their envelopes say. */
export async function openMessages(
  messages: readonly Message[],
  opening: Opening,
): Promise<readonly OpenedMessage[]> {
  const opened: OpenedMessage[] = [];
  for (let at = 0; at < messages.length; at += SIDE_BY_SIDE) {
    const some = messages.slice(at, at + SIDE_BY_SIDE);
    opened.push(...(await Promise.all(some.map((message) => open(message, opening)))));
  }
  return opened;
}

async function open(message: Message, { ledger, ...opening }: Opening): Promise<OpenedMessage> {
  if (message.sentAtSec < opening.sinceSec) return { message, envelope: LATE };
  const known = OPENED.get(message);
  if (known !== undefined) return { message, envelope: known };
  const place = { deposit: message, ledger };
  const envelope = await openEnvelope(message.envelope, place, opening.secretOf);
  if (envelope.kind !== 'unopened' || envelope.reason !== 'unknown-epoch') {
    OPENED.set(message, envelope);
  }
  return { message, envelope };
}
