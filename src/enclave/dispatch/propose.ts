import { LedgerError } from '../../ledger/ledger-error.ts';
import { type Transition, type TransitionInput, transition } from '../../ledger/transition.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { MAX_PROPOSALS } from '../../protocol/limits.ts';
import { EnclaveError } from '../enclave-error.ts';
import { ledgerRules } from '../measured-config.ts';
import {
  lastRounds,
  type ProvenRounds,
  provenRounds,
  requireComplete,
  requireControlComplete,
} from '../proven-rounds.ts';
import { type EnclaveContext, type EnclaveState, type Proposal, paidOf } from '../state.ts';
import { copyCommit } from './sign-commit.ts';
import type { Step } from './step.ts';

/**
 * Computes the transition from the ledger's state over the rounds up to `round` and keeps it. The same question has the
 * same answer in every enclave that holds the epochs' keys.
 *
 * SECURITY: the rounds and the chains decide what is consumed; the host only when. The answer is the commit and nothing
 * else, and what fails says nothing of why, but for what the host can see itself: that not all is proven. No envelope is
 * opened before every chain that must be is complete for its round.
 *
 * @throws {EnclaveError} ENCLAVE_UNKNOWN_STATE, ENCLAVE_PROPOSAL_INVALID, ENCLAVE_ROUND_INCOMPLETE, ENCLAVE_TRANSITION_FAILED
 */
export async function propose(
  state: EnclaveState,
  asked: CommandParams<'propose'>,
  context: EnclaveContext,
): Promise<Step<'propose'>> {
  requireOwnState(state, asked);
  const known = [...state.proposals.values()].find((each) => isSameQuestion(each.asked, asked));
  if (known !== undefined) return { state, result: { commit: copyCommit(known.commit) } };
  requireInBounds(state, asked);
  const rules = ledgerRules(context.config);
  requireControlComplete(state, asked, rules);
  const last = explained(asked, () => lastRounds(state, asked, rules));
  requireComplete(state, last, rules);
  const proven = await provenRounds(state, { asked, last, rules }, context);
  const { commit, state: next } = compute(state, { ...asked, ...proven, rules }, context);
  const ledger = { state: next, stateId: commit.postState };
  const proposals = keepProposal(state.proposals, { asked, commit, ledger });
  return { state: { ...state, proposals }, result: { commit: copyCommit(commit) } };
}

type Asked = CommandParams<'propose'>;

/** Number N + 1 is for when N is final, so there is nothing to propose on but the ledger itself. */
function requireOwnState({ durable }: EnclaveState, { prevState }: Asked): void {
  const { state, stateId } = durable.ledger;
  if (prevState === stateId) return;
  const { number } = state;
  const message = `Expected the ledger's state ${stateId} (transition ${number}), got ${prevState}; confirm what the anchor keeps first.`;
  const meta = { stateId: prevState, ledgerState: stateId, number };
  throw new EnclaveError('ENCLAVE_UNKNOWN_STATE', message, meta);
}

function isSameQuestion(a: Asked, b: Asked): boolean {
  return (
    a.round === b.round &&
    a.asOf === b.asOf &&
    a.control === b.control &&
    a.beneficiary === b.beneficiary &&
    a.paid.length === b.paid.length &&
    a.paid.every(
      ({ chainId, count }, i) => chainId === b.paid[i]?.chainId && count === b.paid[i]?.count,
    )
  );
}

/** Only what this enclave has itself seen proven can be said in a commit. */
function requireInBounds(state: EnclaveState, { round, asOf, control, paid }: Asked): void {
  const ledger = state.durable.ledger.state;
  const { position, provenAtSec } = state.control;
  if (round <= ledger.round) throw invalid('round', `above ${ledger.round}`, round);
  if (asOf < ledger.asOf || asOf > provenAtSec) {
    throw invalid('asOf', `between ${ledger.asOf} and ${provenAtSec}`, asOf);
  }
  if (control < ledger.control.count || control > position.count) {
    throw invalid('control', `between ${ledger.control.count} and ${position.count}`, control);
  }
  paid.forEach(({ chainId, count }, i) => {
    const seen = paidOf(state, chainId);
    const isAscending = i === 0 || chainId > (paid[i - 1]?.chainId ?? chainId);
    if (isAscending && state.inboxes.has(chainId) && count <= seen) return;
    const expected = `chains by ascending id and of chain ${chainId} at most ${seen}`;
    throw invalid('paid', expected, count);
  });
}

function invalid(field: string, expected: string, got: bigint): EnclaveError {
  const message = `Expected ${field} ${expected}, got ${got}; ask for the status, and prove what is newer first.`;
  return new EnclaveError('ENCLAVE_PROPOSAL_INVALID', message, { field, expected, got });
}

function compute(
  { durable }: EnclaveState,
  input: Asked & ProvenRounds & Pick<TransitionInput, 'rules'>,
  { keys }: EnclaveContext,
): Transition {
  const { prevState: _, ...asked } = input;
  const given = { ...asked, secretOf: keys.ledgerSecretOf };
  return explained(input, () => transition(durable.ledger.state, given));
}

/** What the ledger says, or what may be known of why it does not. */
function explained<T>({ round }: Asked, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw explain(error, round);
  }
}

/** What may be known of why there is no transition: that the host has asked too early, or for counts that do not follow. */
function explain(error: unknown, round: bigint): EnclaveError {
  const code = error instanceof LedgerError ? error.code : undefined;
  if (code === 'LEDGER_ROUND_INCOMPLETE') {
    const message = `Expected all that the rounds up to ${round} consume, got less; prove every outbox at newer blocks.`;
    return new EnclaveError('ENCLAVE_ROUND_INCOMPLETE', message, { round });
  }
  if (code === 'LEDGER_COMMIT_REFUSED') {
    const message = `Expected a commit up to round ${round} with counts that follow the last one, got others; take them from the status.`;
    return new EnclaveError('ENCLAVE_PROPOSAL_INVALID', message, { round });
  }
  const message = 'The transition could not be computed; no state was changed.';
  return new EnclaveError('ENCLAVE_TRANSITION_FAILED', message);
}

/**
 * Keeps within bounds by dropping the oldest; it can be proposed again. Two questions may end in one state, of counts
 * paid within one batch, say: the last that was asked is the one that is signed.
 */
function keepProposal(
  proposals: EnclaveState['proposals'],
  added: Proposal,
): EnclaveState['proposals'] {
  const { postState } = added.commit;
  const others = [...proposals].filter(([ending]) => ending !== postState);
  return new Map(others.slice(-(MAX_PROPOSALS - 1))).set(postState, added);
}
