import type { Cursor } from '../../protocol/commit.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import type { Message } from '../../protocol/message.ts';
import type { Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { proveAnchoredState } from '../prove-word.ts';
import {
  type EnclaveContext,
  type EnclaveState,
  type Inbox,
  MAX_REVEALABLE,
  type Proposal,
} from '../state.ts';
import type { Step } from './step.ts';

/**
 * Moves the ledger to the state that the anchor is proven to hold. All proposals on the way become the ledger and can
 * be revealed; proposals beside it are dropped. A state that the ledger has reached already changes nothing.
 *
 * @throws {EnclaveError} ENCLAVE_ANCHOR_UNKNOWN: others moved the anchor; propose what its log of commits shows first
 * @throws as `proveAnchoredState`
 */
export function confirmAnchored(
  state: EnclaveState,
  { proof }: CommandParams<'confirmAnchored'>,
  context: EnclaveContext,
): Step<'confirmAnchored'> {
  const anchored = proveAnchoredState(state, context, proof);
  const next = isPassed(state, anchored) ? state : moveLedger(state, anchored);
  const { state: ledger, stateId } = next.durable.ledger;
  return { state: next, result: { number: ledger.number, stateId } };
}

function isPassed({ durable }: EnclaveState, stateId: Hex): boolean {
  return (
    durable.ledger.stateId === stateId ||
    durable.revealable.some(({ postState }) => postState === stateId)
  );
}

function moveLedger(state: EnclaveState, anchored: Hex): EnclaveState {
  const path = pathTo(state, anchored);
  const last = path.at(-1);
  if (last === undefined) {
    const { number } = state.durable.ledger.state;
    const message = `Expected the anchor to hold a state proposed on transition ${number}, got ${anchored}; propose what its log shows.`;
    throw new EnclaveError('ENCLAVE_ANCHOR_UNKNOWN', message, { stateId: anchored, number });
  }
  const added = path.map(({ commit, batches }) => ({
    number: commit.number,
    postState: commit.postState,
    batches,
  }));
  const revealable = [...state.durable.revealable, ...added].slice(-MAX_REVEALABLE);
  return {
    durable: { ...state.durable, ledger: last.ledger, revealable },
    inboxes: dropConsumed(state.inboxes, last),
    proposals: descendantsOf(anchored, state.proposals),
  };
}

/** The proposals from the ledger's state to `stateId`, in order; none if there is no such way. */
function pathTo({ durable, proposals }: EnclaveState, stateId: Hex): readonly Proposal[] {
  const path: Proposal[] = [];
  let proposal = proposals.get(stateId);
  while (proposal !== undefined) {
    path.unshift(proposal);
    if (proposal.commit.prevState === durable.ledger.stateId) return path;
    proposal = proposals.get(proposal.commit.prevState);
  }
  return [];
}

/** Proposals are kept oldest first, so a parent is always seen before its children. */
function descendantsOf(
  stateId: Hex,
  proposals: EnclaveState['proposals'],
): EnclaveState['proposals'] {
  const kept = new Map<Hex, Proposal>();
  for (const [postState, proposal] of proposals) {
    const { prevState } = proposal.commit;
    if (prevState === stateId || kept.has(prevState)) kept.set(postState, proposal);
  }
  return kept;
}

function dropConsumed(
  inboxes: EnclaveState['inboxes'],
  { commit: { inputs } }: Proposal,
): EnclaveState['inboxes'] {
  const dropped = [...inboxes].map(([chainId, inbox]): [bigint, Inbox] => {
    const messages = inbox.messages.filter(({ message }) => !isConsumed(message, inputs));
    return [chainId, { ...inbox, messages }];
  });
  return new Map(dropped);
}

function isConsumed({ chainId, index }: Message, inputs: readonly Cursor[]): boolean {
  return inputs.some((cursor) => cursor.chainId === chainId && index < cursor.count);
}
