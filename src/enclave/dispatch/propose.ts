import { beneficiaryAddress } from '../../ledger/beneficiary.ts';
import type { OpenedMessage } from '../../ledger/settle.ts';
import { type Transition, transition } from '../../ledger/transition.ts';
import type { Cursor } from '../../protocol/commit.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { MAX_PROPOSALS, MAX_TRANSITION_MESSAGES } from '../../protocol/limits.ts';
import type { Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import {
  type EnclaveContext,
  type EnclaveState,
  inboxOf,
  type LedgerAt,
  MAX_PROPOSED_MESSAGES,
  type Proposal,
} from '../state.ts';
import { copyCommit } from './sign-commit.ts';
import type { Step } from './step.ts';

/**
 * Computes the transition from `prevState` up to the cursors and keeps it. The same question has the same answer in
 * every enclave that holds the epoch's keys.
 *
 * SECURITY: the answer is the commit and nothing else, and what fails says nothing of why: a host may ask with any
 * cursors it likes, and must not learn from the difference.
 *
 * @throws {EnclaveError} ENCLAVE_UNKNOWN_STATE, ENCLAVE_CURSORS_INVALID, ENCLAVE_TRANSITION_FAILED
 * @throws {BeneficiaryError} the beneficiary cannot be paid
 */
export function propose(
  state: EnclaveState,
  params: CommandParams<'propose'>,
  context: EnclaveContext,
): Step<'propose'> {
  const { prevState, inputs, beneficiary } = params;
  const from = ledgerAt(state, prevState);
  // Before anything is computed: it is the host's own doing and tells nothing of the messages.
  beneficiaryAddress(beneficiary, from.state.chains);
  const known = findProposal(state, params);
  if (known !== undefined) return { state, result: { commit: copyCommit(known.commit) } };
  const messages = selectMessages(state, from, inputs);
  const { commit, batches, state: next } = compute(from, { messages, beneficiary }, context);
  const ledger = { state: next, stateId: commit.postState };
  const proposal = { commit, ledger, batches, consumed: messages.length };
  const proposals = keepProposal(state.proposals, proposal);
  return { state: { ...state, proposals }, result: { commit: copyCommit(commit) } };
}

/** The ledger's state or that of a proposal. */
function ledgerAt({ durable, proposals }: EnclaveState, stateId: Hex): LedgerAt {
  if (stateId === durable.ledger.stateId) return durable.ledger;
  const proposal = proposals.get(stateId);
  if (proposal !== undefined) return proposal.ledger;
  const { number } = durable.ledger.state;
  const message = `Expected the ledger's state ${durable.ledger.stateId} (transition ${number}) or one proposed on it, got ${stateId}.`;
  const meta = { stateId, ledgerState: durable.ledger.stateId, number };
  throw new EnclaveError('ENCLAVE_UNKNOWN_STATE', message, meta);
}

function findProposal(
  { proposals }: EnclaveState,
  { prevState, inputs, beneficiary }: CommandParams<'propose'>,
): Proposal | undefined {
  return [...proposals.values()].find(
    ({ commit }) =>
      commit.prevState === prevState &&
      commit.beneficiary === beneficiary &&
      commit.inputs.length === inputs.length &&
      commit.inputs.every((cursor, i) => isSameCursor(cursor, inputs[i])),
  );
}

function isSameCursor(a: Cursor, b: Cursor | undefined): boolean {
  return a.chainId === b?.chainId && a.count === b.count;
}

/** The messages that the cursors add, in chain then index order. */
function selectMessages(
  state: EnclaveState,
  { state: ledger }: LedgerAt,
  inputs: readonly Cursor[],
): readonly OpenedMessage[] {
  if (inputs.length !== ledger.chains.length) throw cursorsInvalid(inputs, 'one cursor per chain');
  const messages = ledger.chains.flatMap(({ chainId, inbox: consumed }, i) => {
    const cursor = inputs[i];
    if (cursor?.chainId !== chainId) {
      throw cursorsInvalid(inputs, `chain ${chainId} at place ${i}`);
    }
    const inbox = inboxOf(state, chainId);
    const { count } = inbox.position;
    if (cursor.count < consumed.count || cursor.count > count) {
      throw cursorsInvalid(inputs, `chain ${chainId} between ${consumed.count} and ${count}`);
    }
    const first = count - BigInt(inbox.messages.length);
    return inbox.messages.slice(Number(consumed.count - first), Number(cursor.count - first));
  });
  if (messages.length === 0) throw cursorsInvalid(inputs, 'at least one message');
  if (messages.length > MAX_TRANSITION_MESSAGES) {
    throw cursorsInvalid(inputs, `at most ${MAX_TRANSITION_MESSAGES} messages`);
  }
  return messages;
}

function cursorsInvalid(inputs: readonly Cursor[], expected: string): EnclaveError {
  const got = inputs.map(({ chainId, count }) => `${chainId}:${count}`).join(' ');
  const message = `Expected cursors by ascending chain id with ${expected}, got ${got}; ask for the status.`;
  return new EnclaveError('ENCLAVE_CURSORS_INVALID', message, { expected, got });
}

function compute(
  from: LedgerAt,
  input: { readonly messages: readonly OpenedMessage[]; readonly beneficiary: Hex },
  { keys }: EnclaveContext,
): Transition {
  try {
    return transition(from.state, { ...input, ledgerSecret: keys.ledgerSecret });
  } catch {
    const message = 'The transition could not be computed; no state was changed.';
    throw new EnclaveError('ENCLAVE_TRANSITION_FAILED', message);
  }
}

/** Keeps within bounds by dropping the oldest proposals that nothing stands on; they can be proposed again. */
function keepProposal(
  proposals: EnclaveState['proposals'],
  added: Proposal,
): EnclaveState['proposals'] {
  const kept = new Map(proposals);
  let consumed = [...kept.values()].reduce((sum, proposal) => sum + proposal.consumed, 0);
  while (kept.size >= MAX_PROPOSALS || consumed + added.consumed > MAX_PROPOSED_MESSAGES) {
    const leaf = oldestLeaf(kept, added.commit.prevState);
    if (leaf === undefined) throw proposalsFull(kept.size, consumed);
    kept.delete(leaf.commit.postState);
    consumed -= leaf.consumed;
  }
  return kept.set(added.commit.postState, added);
}

function proposalsFull(proposals: number, messages: number): EnclaveError {
  const message = `Expected at most ${MAX_PROPOSALS} transitions with ${MAX_PROPOSED_MESSAGES} messages that are not final, got more; confirm some first.`;
  return new EnclaveError('ENCLAVE_PROPOSALS_FULL', message, { proposals, messages });
}

function oldestLeaf(proposals: EnclaveState['proposals'], inUse: Hex): Proposal | undefined {
  const parents = new Set<Hex>([inUse]);
  for (const { commit } of proposals.values()) parents.add(commit.prevState);
  return [...proposals.values()].find(({ commit }) => !parents.has(commit.postState));
}
