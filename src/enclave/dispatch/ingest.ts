import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { appendMessage, type ChainPosition, type Message } from '../../protocol/message.ts';
import type { Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { chainOf } from '../measured-config.ts';
import { openMessages } from '../open-messages.ts';
import { proveSentHead } from '../prove-word.ts';
import {
  type EnclaveContext,
  type EnclaveState,
  type Inbox,
  inboxOf,
  MAX_INBOX_MESSAGES,
} from '../state.ts';
import type { Step } from './step.ts';

/**
 * Takes the messages between what is known of a chain's outbox and the sent head that is proven. None can be left
 * out, altered, inserted or swapped: they must replay to that very head.
 *
 * @throws {EnclaveError} ENCLAVE_INBOX_FULL, ENCLAVE_REPLAY_MISMATCH
 * @throws as `proveSentHead`
 */
export async function ingest(
  state: EnclaveState,
  { chainId, proof, messages: bodies }: CommandParams<'ingest'>,
  context: EnclaveContext,
): Promise<Step<'ingest'>> {
  const sentHead = proveSentHead(state, context, { chainId, proof });
  const { gateway } = chainOf(context.config, chainId);
  const inbox = inboxOf(state, chainId);
  requireRoom(inbox, bodies.length);
  const place = { chainId, gateway: gateway.address };
  const messages = bodies.map((body, i) => ({
    ...body,
    ...place,
    index: inbox.position.count + BigInt(i),
  }));
  const position = replay(inbox.position, messages, sentHead);
  const opened = await openMessages(messages, context.keys);
  const next = { position, messages: [...inbox.messages, ...opened] };
  const inboxes = new Map(state.inboxes).set(chainId, next);
  return { state: { ...state, inboxes }, result: { chainId, position } };
}

function requireRoom({ messages }: Inbox, added: number): void {
  const waiting = messages.length;
  if (waiting + added <= MAX_INBOX_MESSAGES) return;
  const message = `Expected at most ${MAX_INBOX_MESSAGES} messages that wait for a commit, got ${waiting} and ${added} more; commit first.`;
  throw new EnclaveError('ENCLAVE_INBOX_FULL', message, { waiting, added });
}

function replay(from: ChainPosition, messages: readonly Message[], sentHead: Hex): ChainPosition {
  const position = messages.reduce(appendMessage, from);
  if (position.head === sentHead) return position;
  const message = `Expected ${messages.length} messages after the first ${from.count} to end in the proven head ${sentHead}, got ${position.head}; fetch them again from index ${from.count}, at the block of the proof.`;
  const meta = { knownCount: from.count, messages: messages.length, sentHead, got: position.head };
  throw new EnclaveError('ENCLAVE_REPLAY_MISMATCH', message, meta);
}
