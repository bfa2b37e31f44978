import { CAUSES } from '../protocol/explain.ts';
import { NEXT_STEPS } from '../protocol/next-step.ts';
import {
  compareSteps,
  currentStep,
  type StateReason,
  stepFor,
  type TransferState,
} from '../protocol/transfer-state.ts';
import type { StateChange } from './transfer-history.ts';

/** States whose reason says more than the state itself. */
const TOLD: ReadonlySet<TransferState> = new Set(['quarantined', 'held', 'claimable', 'skipped']);

/** Why a payout was put aside or left out, in words; empty for reasons that the state itself tells. */
export function explainReason(reason: StateReason | undefined): string {
  return reason !== undefined && TOLD.has(stepFor(reason).state) ? CAUSES[reason] : '';
}

/** Where a transfer with this history is: at the latest step, or of several payouts at that of the hindmost. */
export function currentChange(history: readonly StateChange[]): StateChange | undefined {
  const payouts = Map.groupBy(
    history.filter(({ tag }) => tag !== undefined),
    ({ chainId, releaseIndex }) => `${chainId}/${releaseIndex}`,
  );
  const currents = [...payouts.values()].flatMap((steps) => currentStep(steps) ?? []);
  return currents.sort(compareSteps)[0] ?? currentStep(history);
}

/** What has to happen next to a transfer with this history, who has to do it, and when it can be expected. */
export function nextStep(history: readonly StateChange[], etaMs?: number): string {
  const current = currentChange(history);
  if (current === undefined) return 'nothing is known of it';
  const eta = etaMs === undefined ? '' : ` (in about ${Math.ceil(etaMs / 1000)} s)`;
  return NEXT_STEPS[current.state].what + eta;
}

/** The block whose finality a transfer with this history waits for. */
export function awaitedBlock(history: readonly StateChange[]): StateChange | undefined {
  const current = currentChange(history);
  return current && NEXT_STEPS[current.state].isFinality ? current : undefined;
}
