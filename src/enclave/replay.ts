import { appendControl, type ControlBody, type ControlSource } from '../protocol/control.ts';
import {
  appendMessage,
  type ChainPosition,
  type Message,
  type MessageBody,
} from '../protocol/message.ts';
import type { Hex } from '../shared/bytes.ts';
import { EnclaveError } from './enclave-error.ts';

/** Messages at their places in an outbox, and the position after the last of them. */
export interface Replayed {
  readonly messages: readonly Message[];
  readonly end: ChainPosition;
}

/** Puts bodies at their places behind `from`. Whether they belong there only a proof of the end shows. */
export function replay(
  from: ChainPosition,
  bodies: readonly MessageBody[],
  place: { readonly chainId: bigint; readonly gateway: Hex },
): Replayed {
  const messages = bodies.map((body, i) => ({ ...body, ...place, index: from.count + BigInt(i) }));
  return { messages, end: messages.reduce(appendMessage, from) };
}

/** Where control messages that follow `from` end. */
export function replayControl(
  from: ChainPosition,
  bodies: readonly ControlBody[],
  anchor: ControlSource,
): ChainPosition {
  return bodies.reduce((at, body) => appendControl(at, anchor, { ...body, index: at.count }), from);
}

/**
 * Refuses messages that do not end in a head that is proven: one is altered, missing, added or swapped.
 *
 * @param from where they begin
 * @throws {EnclaveError} ENCLAVE_REPLAY_MISMATCH
 */
export function requireHead(from: ChainPosition, end: ChainPosition, proven: Hex): void {
  if (end.head === proven) return;
  const messages = end.count - from.count;
  const message = `Expected ${messages} messages after the first ${from.count} to end in the proven head ${proven}, got ${end.head}; fetch them again from index ${from.count}, at the block of the proof.`;
  const meta = { knownCount: from.count, messages, sentHead: proven, got: end.head };
  throw new EnclaveError('ENCLAVE_REPLAY_MISMATCH', message, meta);
}
