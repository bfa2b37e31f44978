import type { OpenedMessage } from '../ledger/settle.ts';
import { openEnvelope } from '../protocol/envelope.ts';
import type { Message } from '../protocol/message.ts';
import type { EnclaveKeys } from './keys/enclave-keys.ts';

/** Envelopes opened side by side: key agreement runs outside the main thread. */
const SIDE_BY_SIDE = 64;

/**
 * The messages with what their envelopes say. Only this epoch's key opens: an envelope sealed to another does not,
 * and its deposit goes back.
 */
export async function openMessages(
  messages: readonly Message[],
  { epoch, epochSecret }: EnclaveKeys,
): Promise<readonly OpenedMessage[]> {
  const secretOf = (asked: bigint) => (asked === epoch ? epochSecret : undefined);
  const open = async (message: Message): Promise<OpenedMessage> => {
    const envelope = await openEnvelope(message.envelope, message, secretOf);
    return { message, envelope };
  };
  const opened: OpenedMessage[] = [];
  for (let at = 0; at < messages.length; at += SIDE_BY_SIDE) {
    opened.push(...(await Promise.all(messages.slice(at, at + SIDE_BY_SIDE).map(open))));
  }
  return opened;
}
