import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { MAX_INBOX_BYTES, MAX_RUN_PORTIONS } from '../../protocol/limits.ts';
import type { MessageBody } from '../../protocol/message.ts';
import type { Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { describeInbox, type Inbox, type Run, sumBytes } from '../inbox.ts';
import type { EnclaveKeys } from '../keys/enclave-keys.ts';
import { chainOf } from '../measured-config.ts';
import { openMessages } from '../open-messages.ts';
import { proveSentHead } from '../prove-word.ts';
import { type Replayed, replay, requireHead } from '../replay.ts';
import { type EnclaveContext, type EnclaveState, inboxOf } from '../state.ts';
import type { Step } from './step.ts';

// SPEC: docs/protocol.md §1. An inbox is in one of two states. Nothing proven is missing: portions make up a run, which
// counts when a proof shows its end. Or a proof has reached further than the room for bodies: then the portions behind
// the position come once more, each up to its known end, as commits make room.

/**
 * Takes a portion of a chain's messages, and with a proof all portions of the run that it ends. None can be left out,
 * altered, inserted or swapped: they must replay to the very head that is proven.
 *
 * SECURITY: no envelope is opened, and nothing is counted, before that.
 *
 * @throws {EnclaveError} ENCLAVE_PORTION_MISPLACED, ENCLAVE_REPLAY_MISMATCH, ENCLAVE_INBOX_FULL
 * @throws as `proveSentHead`
 */
export async function ingest(
  state: EnclaveState,
  { chainId, fromIndex, messages, proof }: CommandParams<'ingest'>,
  context: EnclaveContext,
): Promise<Step<'ingest'>> {
  const { gateway } = chainOf(context.config, chainId);
  const sentHead = proof === null ? null : proveSentHead(state, context, { chainId, proof });
  const before = inboxOf(state, chainId);
  const portion = { fromIndex, bodies: messages, place: { chainId, gateway: gateway.address } };
  const take = before.ahead.length > 0 ? takeAhead : takeRun;
  const inbox = await take(before, { ...portion, sentHead }, context.keys);
  const inboxes = new Map(state.inboxes).set(chainId, inbox);
  return { state: { ...state, inboxes }, result: describeInbox(chainId, inbox) };
}

interface Asked {
  readonly fromIndex: bigint;
  readonly bodies: readonly MessageBody[];
  readonly place: Parameters<typeof replay>[2];
  /** The proven sent head; null without a proof. */
  readonly sentHead: Hex | null;
}

async function takeRun(
  inbox: Inbox,
  { fromIndex, bodies, place, sentHead }: Asked,
  keys: EnclaveKeys,
): Promise<Inbox> {
  const before = runAt(inbox, fromIndex);
  const run = append(inbox, before, replay(before.position, bodies, place));
  if (sentHead !== null) {
    requireHead(inbox.position, run.position, sentHead);
    return confirm(inbox, run, keys);
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

/** Opens what is kept of a run that is proven to its end; of the rest the ends are known to be right. */
async function confirm(inbox: Inbox, run: Run, keys: EnclaveKeys): Promise<Inbox> {
  const opened = await openMessages(
    run.portions.flatMap(({ messages }) => messages ?? []),
    keys,
  );
  const kept = run.portions.findLast(({ messages }) => messages !== null);
  return {
    position: kept?.end ?? inbox.position,
    messages: [...inbox.messages, ...opened],
    bytes: inbox.bytes + run.bytes,
    ahead: run.portions.filter(({ messages }) => messages === null).map(({ end }) => end),
    pending: null,
  };
}

async function takeAhead(inbox: Inbox, asked: Asked, keys: EnclaveKeys): Promise<Inbox> {
  const [due = inbox.position, ...ahead] = inbox.ahead;
  const { position } = inbox;
  const count = BigInt(asked.bodies.length);
  const isPlaced = asked.fromIndex === position.count && position.count + count === due.count;
  if (!isPlaced || asked.sentHead !== null) {
    const message = `Expected the messages from index ${position.count} up to ${due.count}, which are proven, without a proof, got ${count} from ${asked.fromIndex}; send those first.`;
    const meta = { fromIndex: asked.fromIndex, expected: position.count, until: due.count };
    throw new EnclaveError('ENCLAVE_PORTION_MISPLACED', message, meta);
  }
  const added = sumBytes(asked.bodies);
  requireRoom(inbox, added);
  const { messages, end } = replay(position, asked.bodies, asked.place);
  requireHead(position, end, due.head);
  const opened = await openMessages(messages, keys);
  return {
    position: end,
    messages: [...inbox.messages, ...opened],
    bytes: inbox.bytes + added,
    ahead,
    pending: null,
  };
}

function requireRoom({ bytes: waiting }: Inbox, added: number): void {
  if (waiting + added <= MAX_INBOX_BYTES) return;
  const message = `Expected at most ${MAX_INBOX_BYTES} bytes of messages that wait for a commit, got ${waiting} and ${added} more; commit first.`;
  throw new EnclaveError('ENCLAVE_INBOX_FULL', message, { waiting, added });
}
