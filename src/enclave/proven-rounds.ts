import { consumedRounds } from '../ledger/consumed-rounds.ts';
import type { LedgerRules } from '../ledger/rules.ts';
import type { OpenedMessage, TransitionInput } from '../ledger/transition.ts';
import type { CommandParams } from '../protocol/enclave-commands.ts';
import type { Message } from '../protocol/message.ts';
import { lastCompleteRound, roundCutSec } from '../protocol/rounds.ts';
import { EnclaveError } from './enclave-error.ts';
import { openingSecrets } from './key-epochs.ts';
import { ledgerDomain } from './measured-config.ts';
import { openMessages } from './open-messages.ts';
import { type EnclaveContext, type EnclaveState, inboxOf } from './state.ts';

type Asked = Pick<CommandParams<'propose'>, 'round' | 'control' | 'asOf'>;

/** What rounds consume, as far as it is proven; the part of a transition's input that messages are. */
export type ProvenRounds = Pick<TransitionInput, 'outboxes' | 'controlOutbox'>;

/** By chain id, the last round that consumes messages of the chain; chains that stay suspended are left out. */
type LastRounds = ReturnType<typeof consumedRounds>;

/**
 * Refuses rounds whose control messages are not all proven.
 *
 * @throws {EnclaveError} ENCLAVE_ROUND_INCOMPLETE
 */
export function requireControlComplete(
  { control }: EnclaveState,
  { round }: Asked,
  { schedule, chains, anchor }: LedgerRules,
): void {
  const lagSec = chains.find(({ chainId }) => chainId === anchor.chainId)?.lagSec ?? 0n;
  requireRound('control', lastCompleteRound(schedule, lagSec, control.provenAtSec), round);
}

/**
 * Up to where the rounds consume each chain. Which are suspended in which round is for the ledger to say, which has the
 * only rule for it.
 *
 * @throws {LedgerError} LEDGER_COMMIT_REFUSED, or what halts
 */
export function lastRounds(
  { durable, control: controlOutbox }: EnclaveState,
  { round, control }: Asked,
  rules: LedgerRules,
): LastRounds {
  return consumedRounds(durable.ledger.state, { round, control, controlOutbox, rules });
}

/**
 * Refuses rounds of which not everything is proven, before any envelope is opened for them.
 *
 * @throws {EnclaveError} ENCLAVE_ROUND_INCOMPLETE
 */
export function requireComplete(state: EnclaveState, last: LastRounds, rules: LedgerRules): void {
  for (const { chainId, lagSec } of rules.chains) {
    const { provenAtSec } = inboxOf(state, chainId);
    const complete = lastCompleteRound(rules.schedule, lagSec, provenAtSec);
    requireRound(`${chainId}`, complete, last.get(chainId) ?? 0n);
  }
}

function requireRound(outbox: string, complete: bigint, round: bigint): void {
  if (complete >= round) return;
  const message = `Expected the outbox ${outbox} proven beyond round ${round}, got it proven to the end of round ${complete}; prove it at a newer block.`;
  throw new EnclaveError('ENCLAVE_ROUND_INCOMPLETE', message, { outbox, round, complete });
}

/** Rounds of which everything is proven. */
interface ProvenAsked {
  readonly asked: Asked;
  readonly last: LastRounds;
  readonly rules: LedgerRules;
}

/**
 * What the rounds consume of every outbox, opened.
 *
 * SECURITY: nothing else is opened: of a chain that is suspended on the way no more than the rounds before that consume,
 * and nothing of one that stays suspended.
 */
export async function provenRounds(
  state: EnclaveState,
  { asked, last, rules }: ProvenAsked,
  { config, keys }: EnclaveContext,
): Promise<ProvenRounds> {
  const { schedule, lateSec, chains } = rules;
  const { messages: control, provenAtSec: controlAtSec } = state.control;
  const consumed = control.filter(({ index }) => index < asked.control);
  const opening = {
    ledger: ledgerDomain(config),
    secretOf: openingSecrets(state.durable.ledger.state, consumed, keys),
    sinceSec: asked.asOf - lateSec,
  };
  const outboxes = new Map<bigint, { messages: readonly OpenedMessage[]; provenAtSec: bigint }>();
  for (const { chainId, lagSec } of chains) {
    const round = last.get(chainId);
    if (round === undefined) continue;
    const { messages, provenAtSec } = inboxOf(state, chainId);
    const due = dueBy(messages, roundCutSec(schedule, lagSec, round));
    outboxes.set(chainId, { messages: await openMessages(due, opening), provenAtSec });
  }
  return { outboxes, controlOutbox: { messages: control, provenAtSec: controlAtSec } };
}

/** Messages sent by then: times never fall in an outbox. */
function dueBy(messages: readonly Message[], cutSec: bigint): readonly Message[] {
  const behind = messages.findIndex(({ sentAtSec }) => sentAtSec > cutSec);
  return behind === -1 ? messages : messages.slice(0, behind);
}
