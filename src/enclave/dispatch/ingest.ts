import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { MAX_INBOX_BYTES, MAX_RUN_PORTIONS } from '../../protocol/limits.ts';
import type { MessageBody } from '../../protocol/message.ts';
import { EnclaveError } from '../enclave-error.ts';
import { describeInbox, type Inbox, laterOf, type Run, sumBytes, takeMessages } from '../inbox.ts';
import { chainOf } from '../measured-config.ts';
import { type ProvenHead, proveSentHead } from '../prove-word.ts';
import { type Replayed, replay, requireHead } from '../replay.ts';
import { type EnclaveContext, type EnclaveState, inboxOf, paidOf } from '../state.ts';
import type { Step } from './step.ts';

// SPEC: docs/protocol.md §1. An inbox is in one of two states. Nothing proven is missing: portions make up a run, which
// counts when a proof shows its end. Or a proof has reached further than the room for bodies: then the portions behind
// the position come once more, each up to its known end, as commits make room.

/**
 * Takes a portion of a chain's messages, and with a proof all portions of the run that it ends. None can be left out,
 * altered, inserted or swapped: they must replay to the very head that is proven. A portion without messages shows until
 * when there have been no more.
 *
 * SECURITY: nothing is counted before that, and no envelope is opened here: that is for its round.
 *
 * @throws {EnclaveError} ENCLAVE_PORTION_MISPLACED, ENCLAVE_REPLAY_MISMATCH, ENCLAVE_INBOX_FULL
 * @throws as `proveSentHead`
 */
export function ingest(
  state: EnclaveState,
  { chainId, fromIndex, messages, proof }: CommandParams<'ingest'>,
  context: EnclaveContext,
): Step<'ingest'> {
  const { gateway } = chainOf(context.config, chainId);
  const proven = proof === null ? null : proveSentHead(state, context, { chainId, proof });
  const before = inboxOf(state, chainId);
  const portion = { fromIndex, bodies: messages, place: { chainId, gateway: gateway.address } };
  const take = before.ahead.length > 0 ? takeAhead : takeRun;
  const inbox = take(before, { ...portion, proven });
  const inboxes = new Map(state.inboxes).set(chainId, inbox);
  const result = describeInbox(chainId, inbox, paidOf(state, chainId));
  return { state: { ...state, inboxes }, result };
}

interface Asked {
  readonly fromIndex: bigint;
  readonly bodies: readonly MessageBody[];
  readonly place: Parameters<typeof replay>[2];
  /** Null without a proof. */
  readonly proven: ProvenHead | null;
}

function takeRun(inbox: Inbox, { fromIndex, bodies, place, proven }: Asked): Inbox {
  const before = runAt(inbox, fromIndex);
  const run = append(inbox, before, replay(before.position, bodies, place));
  if (proven !== null) {
    requireHead(inbox.position, run.position, proven.head);
    return confirm(inbox, run, proven.blockTimeSec);
  }
  return { ...inbox, pending: run.portions.length === 0 ? null : run };
}

/** The run that a portion from `fromIndex` on goes on with; at the inbox's own position a new one begins. */
function runAt({ position, pending }: Inbox, fromIndex: bigint): Run {
  if (fromIndex === position.count) return { position, portions: [], bytes: 0 };
  if (pending?.position.count === fromIndex) return pending;
  const scanned = pending?.position.count ?? position.count;
  const message = `Expected a portion from index ${scanned}, or a new run from ${position.count}, got one from ${fromIndex}; go on from there.`;
  const meta = { fromIndex, scanned, expected: position.count };
  throw new EnclaveError('ENCLAVE_PORTION_MISPLACED', message, meta);
}

/** The run with one more portion. Without room for its bodies, or for those before it, only its end is kept. */
function append(inbox: Inbox, run: Run, { messages, end }: Replayed): Run {
  const { portions } = run;
  if (messages.length === 0) return run;
  // What lies behind the last end that is kept needs a proof of its own once that one is reached.
  if (portions.length >= MAX_RUN_PORTIONS) return { ...run, position: end };
  const bytes = run.bytes + sumBytes(messages);
  const isKept = portions.at(-1)?.messages !== null && inbox.bytes + bytes <= MAX_INBOX_BYTES;
  const portion = { end, messages: isKept ? messages : null };
  return {
    position: end,
    portions: [...portions, portion],
    bytes: isKept ? bytes : run.bytes,
  };
}

/** Takes what is kept of a run that is proven to its end; of the rest the ends are known to be right. */
function confirm(inbox: Inbox, run: Run, atSec: bigint): Inbox {
  const kept = run.portions.findLast(({ messages }) => messages !== null);
  const messages = run.portions.flatMap((portion) => portion.messages ?? []);
  const taken = takeMessages(inbox, messages, kept?.end ?? inbox.position);
  const ahead = run.portions.filter((portion) => portion.messages === null).map(({ end }) => end);
  const lastEnd = run.portions.at(-1)?.end ?? inbox.position;
  // The proof speaks of the whole run, whose end may not be among the ends that are kept.
  const coveredSec = lastEnd.count === run.position.count ? atSec : 0n;
  return closeAhead({ ...taken, ahead, aheadAtSec: coveredSec, pending: null });
}

/** Nothing proven is missing any more: the time of the proof is that of the position. */
function closeAhead(inbox: Inbox): Inbox {
  if (inbox.ahead.length > 0) return inbox;
  const provenAtSec = laterOf(inbox.provenAtSec, inbox.aheadAtSec);
  return { ...inbox, provenAtSec, aheadAtSec: 0n };
}

function takeAhead(inbox: Inbox, asked: Asked): Inbox {
  const [due = inbox.position, ...ahead] = inbox.ahead;
  const { position } = inbox;
  const count = BigInt(asked.bodies.length);
  const isPlaced = asked.fromIndex === position.count && position.count + count === due.count;
  if (!isPlaced || asked.proven !== null) {
    const message = `Expected the messages from index ${position.count} up to ${due.count}, which are proven, without a proof, got ${count} from ${asked.fromIndex}; send those first.`;
    const meta = { fromIndex: asked.fromIndex, expected: position.count, until: due.count };
    throw new EnclaveError('ENCLAVE_PORTION_MISPLACED', message, meta);
  }
  requireRoom(inbox, sumBytes(asked.bodies));
  const { messages, end } = replay(position, asked.bodies, asked.place);
  requireHead(position, end, due.head);
  return closeAhead({ ...takeMessages(inbox, messages, end), ahead });
}

function requireRoom({ bytes: waiting }: Inbox, added: number): void {
  if (waiting + added <= MAX_INBOX_BYTES) return;
  const message = `Expected at most ${MAX_INBOX_BYTES} bytes of messages that wait for a commit, got ${waiting} and ${added} more; commit first.`;
  throw new EnclaveError('ENCLAVE_INBOX_FULL', message, { waiting, added });
}
