import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { MAX_REVEALABLE } from '../../protocol/limits.ts';
import type { Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { dropMessages } from '../inbox.ts';
import { proveAnchoredState } from '../prove-word.ts';
import { type EnclaveContext, type EnclaveState, inboxOf, type Proposal } from '../state.ts';
import type { Step } from './step.ts';

/**
 * Moves the ledger to the state that the anchor is proven to keep for transition `number`: the newest, or any on the way
 * to it, so that a ledger far behind can drop what it has consumed before it takes more. All proposals on the way become
 * the ledger and can be revealed; proposals beside it are dropped. A transition that the ledger has passed changes
 * nothing; of those that can be revealed the id is compared, older ones are forgotten.
 *
 * @throws {EnclaveError} ENCLAVE_ANCHOR_UNKNOWN: others moved the anchor; propose what its log of commits shows first
 * @throws {EnclaveError} ENCLAVE_ANCHOR_DIVERGED: the anchor's history is not this ledger's
 * @throws as `proveAnchoredState`
 */
export function confirmAnchored(
  state: EnclaveState,
  params: CommandParams<'confirmAnchored'>,
  context: EnclaveContext,
): Step<'confirmAnchored'> {
  const anchored = proveAnchoredState(state, context, params);
  const { number } = params;
  requireSameHistory(state, number, anchored);
  const isPassed = number <= state.durable.ledger.state.number;
  const next = isPassed ? state : moveLedger(state, number, anchored);
  const { state: ledger, stateId } = next.durable.ledger;
  return { state: next, result: { number: ledger.number, stateId } };
}

/** SECURITY: what is final cannot change, so another id is another anchor's or another program's, and no retry mends it. */
function requireSameHistory(
  { durable, proposals }: EnclaveState,
  number: bigint,
  anchored: Hex,
): void {
  const { state, stateId } = durable.ledger;
  const passed = [{ number: state.number, postState: stateId }, ...durable.revealable];
  const proposed = proposals.get(anchored)?.commit.number ?? number;
  const isSame = passed.every((at) => (at.number === number) === (at.postState === anchored));
  if (isSame && proposed === number) return;
  const message = `Expected the anchor to keep this ledger's states, got ${anchored} after transition ${number}; it is another anchor or another program.`;
  throw new EnclaveError('ENCLAVE_ANCHOR_DIVERGED', message, { number, stateId: anchored });
}

function moveLedger(state: EnclaveState, number: bigint, anchored: Hex): EnclaveState {
  const path = pathTo(state, anchored);
  const last = path.at(-1);
  if (last === undefined) {
    const { number: reached } = state.durable.ledger.state;
    const message = `Expected the anchor to keep a state proposed on transition ${reached}, got ${anchored} after transition ${number}; propose what its log shows.`;
    const meta = { stateId: anchored, number: reached, anchored: number };
    throw new EnclaveError('ENCLAVE_ANCHOR_UNKNOWN', message, meta);
  }
  const added = path.map(({ commit, batches }) => ({
    number: commit.number,
    postState: commit.postState,
    batches,
  }));
  const revealable = [...state.durable.revealable, ...added].slice(-MAX_REVEALABLE);
  return {
    durable: { ...state.durable, ledger: last.ledger, revealable },
    inboxes: dropConsumed(state, last),
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

/** A commit has a cursor for every chain. */
function dropConsumed(state: EnclaveState, { commit }: Proposal): EnclaveState['inboxes'] {
  return new Map(
    commit.inputs.map(({ chainId, count }) => [
      chainId,
      dropMessages(inboxOf(state, chainId), count),
    ]),
  );
}
