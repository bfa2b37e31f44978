import { NEXT_STEPS } from '../protocol/next-step.ts';
import {
  compareSteps,
  currentStep,
  type DeferReason,
  type SkipReason,
  type StateReason,
} from '../protocol/transfer-state.ts';
import type { StateChange } from './transfer-history.ts';

type ToldReason = DeferReason | SkipReason | 'claim-assigned' | 'claimed-in-part';

const REASONS: Readonly<Record<ToldReason, string>> = {
  'unknown-asset': 'the gateway does not know the asset',
  'asset-paused': 'the asset is paused',
  'supply-exceeded': 'more would leave than has come in',
  'cap-exceeded': 'the cap of the asset is reached',
  'window-exceeded': 'the rate limit of the window is reached',
  'payout-failed': 'the recipient refused the payout',
  'recipient-impossible':
    'nobody has the recipient’s address: after 30 days governance can name who gets it',
  'unnamed-reason': 'the gateway gave a reason that this version does not know',
  'claim-assigned': 'governance has named who gets it',
  'claimed-in-part': 'a part was claimed, the rest is waiting',
  'already-spent': 'the deposit was given back before',
  'message-unknown': 'the gateway never took such a deposit',
  'unnamed-skip': 'the gateway gave a reason that this version does not know',
};

/** Why a payout was put aside or left out, in words; empty for reasons that the state itself tells. */
export function explainReason(reason: StateReason | undefined): string {
  return reason !== undefined && isTold(reason) ? REASONS[reason] : '';
}

function isTold(reason: StateReason): reason is ToldReason {
  return reason in REASONS;
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
