import type { CommandParams } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { proveAnchoredState } from '../prove-word.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import { withLedger } from '../with-ledger.ts';
import type { Step } from './step.ts';

/**
 * Moves the ledger to the proposal that the anchor is proven to keep as its transition `number`, the one after the
 * ledger's own. Of it all can be revealed then; proposals beside it are dropped. A transition that the ledger has passed
 * changes nothing; the last one's id is compared, older ones are forgotten.
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
  const proposed = proposals.get(anchored)?.commit.number ?? number;
  const isSame = (state.number === number) === (stateId === anchored);
  if (isSame && proposed === number) return;
  const message = `Expected the anchor to keep this ledger's states, got ${anchored} after transition ${number}; it is another anchor or another program.`;
  throw new EnclaveError('ENCLAVE_ANCHOR_DIVERGED', message, { number, stateId: anchored });
}

function moveLedger(state: EnclaveState, number: bigint, anchored: Hex): EnclaveState {
  const proposal = state.proposals.get(anchored);
  if (proposal !== undefined) return withLedger(state, proposal.ledger);
  const { number: reached } = state.durable.ledger.state;
  const message = `Expected the anchor to keep a state proposed on transition ${reached}, got ${anchored} after transition ${number}; propose what its log shows.`;
  const meta = { stateId: anchored, number: reached, anchored: number };
  throw new EnclaveError('ENCLAVE_ANCHOR_UNKNOWN', message, meta);
}
