import type { LedgerRules } from '../ledger/rules.ts';
import type { OpenedMessage, TransitionInput } from '../ledger/transition.ts';
import { type ControlMessage, decodeControl } from '../protocol/control.ts';
import type { CommandParams } from '../protocol/enclave-commands.ts';
import type { Message } from '../protocol/message.ts';
import { lastCompleteRound, roundCutSec } from '../protocol/rounds.ts';
import { EnclaveError } from './enclave-error.ts';
import { openingSecrets } from './key-epochs.ts';
import { ledgerDomain, ledgerRules } from './measured-config.ts';
import { openMessages } from './open-messages.ts';
import { type EnclaveContext, type EnclaveState, inboxOf } from './state.ts';

type Asked = Pick<CommandParams<'propose'>, 'round' | 'control' | 'asOf'>;

/** What rounds consume, as far as it is proven; the part of a transition's input that messages are. */
export type ProvenRounds = Pick<TransitionInput, 'outboxes' | 'controlOutbox'>;

/**
 * Refuses rounds of which not everything is proven, before any envelope is opened for them. What becomes of a chain that
 * is suspended, or may be on the way, is for the ledger to say.
 *
 * @throws {EnclaveError} ENCLAVE_ROUND_INCOMPLETE
 */
export function requireComplete(state: EnclaveState, asked: Asked, rules: LedgerRules): void {
  const suspendable = suspendedOnTheWay(state, asked.control);
  const anchorRules = rules.chains.find(({ chainId }) => chainId === rules.anchor.chainId);
  const outboxes = [
    { name: 'control', lagSec: anchorRules?.lagSec ?? 0n, atSec: state.control.provenAtSec },
    ...rules.chains
      .filter(({ chainId }) => !suspendable.has(chainId))
      .map(({ chainId, lagSec }) => {
        return { name: `${chainId}`, lagSec, atSec: inboxOf(state, chainId).provenAtSec };
      }),
  ];
  for (const { name, lagSec, atSec } of outboxes) {
    const complete = lastCompleteRound(rules.schedule, lagSec, atSec);
    if (complete >= asked.round) continue;
    const message = `Expected the outbox ${name} proven beyond round ${asked.round}, got it proven to the end of round ${complete}; prove it at a newer block.`;
    const meta = { outbox: name, round: asked.round, complete };
    throw new EnclaveError('ENCLAVE_ROUND_INCOMPLETE', message, meta);
  }
}

/** Chains that are suspended, or that a message says to suspend which is waiting or will be consumed. */
function suspendedOnTheWay(state: EnclaveState, control: bigint): ReadonlySet<bigint> {
  const { chains } = state.durable.ledger.state;
  const suspended = chains.filter(({ isSuspended }) => isSuspended).map(({ chainId }) => chainId);
  return new Set([...suspended, ...namedOnTheWay(state, control, 'suspend')]);
}

/** Chains that no round on the way consumes anything of: suspended ones that nothing says to resume. */
function skippedOnTheWay(state: EnclaveState, control: bigint): ReadonlySet<bigint> {
  const { chains } = state.durable.ledger.state;
  const resumed = new Set(namedOnTheWay(state, control, 'resume'));
  const skipped = chains.filter(({ chainId, isSuspended }) => isSuspended && !resumed.has(chainId));
  return new Set(skipped.map(({ chainId }) => chainId));
}

/** Chains that control messages of this kind name which wait to hold, or will be consumed. */
function namedOnTheWay(
  state: EnclaveState,
  control: bigint,
  kind: 'suspend' | 'resume',
): readonly bigint[] {
  const consumed = consumedControl(state, control).map((message) =>
    decodeControl(message.kind, message.payload),
  );
  const contents = [
    ...state.durable.ledger.state.pending.map(({ content }) => content),
    ...consumed,
  ];
  return contents.flatMap((content) => (content?.kind === kind ? [content.chainId] : []));
}

function consumedControl({ control }: EnclaveState, count: bigint): readonly ControlMessage[] {
  return control.messages.filter(({ index }) => index < count);
}

/**
 * What is proven of every outbox, opened as far as the rounds up to `round` consume it and the chain is complete.
 *
 * SECURITY: of a chain that is suspended on the way no more is opened than its own complete rounds consume, and nothing of
 * one that stays suspended.
 */
export async function provenRounds(
  state: EnclaveState,
  asked: Asked,
  { config, keys }: EnclaveContext,
): Promise<ProvenRounds> {
  const rules = ledgerRules(config);
  const { schedule, lateSec } = rules;
  const consumed = consumedControl(state, asked.control);
  const opening = {
    ledger: ledgerDomain(config),
    secretOf: openingSecrets(state.durable.ledger.state, consumed, keys),
    sinceSec: asked.asOf - lateSec,
  };
  const outboxes = new Map<bigint, { messages: readonly OpenedMessage[]; provenAtSec: bigint }>();
  const skipped = skippedOnTheWay(state, asked.control);
  for (const { chainId, lagSec } of rules.chains.filter((each) => !skipped.has(each.chainId))) {
    const { messages, provenAtSec } = inboxOf(state, chainId);
    const complete = lastCompleteRound(schedule, lagSec, provenAtSec);
    const due = dueBy(messages, roundCutSec(schedule, lagSec, smallerOf(complete, asked.round)));
    outboxes.set(chainId, { messages: await openMessages(due, opening), provenAtSec });
  }
  const { messages, provenAtSec } = state.control;
  return { outboxes, controlOutbox: { messages, provenAtSec } };
}

/** Messages sent by then: times never fall in an outbox. */
function dueBy(messages: readonly Message[], cutSec: bigint): readonly Message[] {
  const behind = messages.findIndex(({ sentAtSec }) => sentAtSec > cutSec);
  return behind === -1 ? messages : messages.slice(0, behind);
}

function smallerOf(a: bigint, b: bigint): bigint {
  return b < a ? b : a;
}
