import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { type ControlInbox, MAX_CONTROL_WAITING } from '../control-inbox.ts';
import { EnclaveError } from '../enclave-error.ts';
import { laterOf } from '../inbox.ts';
import { proveControlHead } from '../prove-word.ts';
import { replayControl, requireHead } from '../replay.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Takes messages of the anchor's own outbox up to the head that is proven; without any it shows until when there have been
 * no more. What they say is the ledger's to read, in the round that consumes them.
 *
 * @throws {EnclaveError} ENCLAVE_PORTION_MISPLACED, ENCLAVE_REPLAY_MISMATCH, ENCLAVE_INBOX_FULL
 * @throws as `proveControlHead`
 */
export async function ingestControl(
  state: EnclaveState,
  { fromIndex, messages: bodies, proof }: CommandParams<'ingestControl'>,
  context: EnclaveContext,
): Promise<Step<'ingestControl'>> {
  const proven = proveControlHead(state, context, proof);
  const { position, messages, provenAtSec } = state.control;
  requirePlace(state.control, fromIndex, bodies.length);
  const added = bodies.map((body, i) => ({ ...body, index: fromIndex + BigInt(i) }));
  const end = replayControl(position, bodies, context.config.anchor);
  requireHead(position, end, proven.head);
  const control = {
    position: end,
    messages: [...messages, ...added],
    provenAtSec: laterOf(provenAtSec, proven.blockTimeSec),
  };
  const next = { ...state, control };
  return { state: next, result: await describeState(next, context) };
}

function requirePlace({ position, messages }: ControlInbox, from: bigint, added: number): void {
  if (from !== position.count) {
    const message = `Expected control messages from index ${position.count} on, got some from ${from}; go on from there.`;
    const meta = { fromIndex: from, expected: position.count };
    throw new EnclaveError('ENCLAVE_PORTION_MISPLACED', message, meta);
  }
  const waiting = messages.length;
  if (waiting + added <= MAX_CONTROL_WAITING) return;
  const message = `Expected at most ${MAX_CONTROL_WAITING} control messages that wait for a commit, got ${waiting} and ${added} more; commit first.`;
  throw new EnclaveError('ENCLAVE_INBOX_FULL', message, { waiting, added });
}
