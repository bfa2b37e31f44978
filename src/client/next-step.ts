import type { DeferReason } from '../protocol/transfer-state.ts';
import type { StateChange, TransferState } from './transfer-history.ts';

const NEXT: Readonly<Record<TransferState, string>> = {
  observed: 'the source chain has to finalise the block; nothing to do',
  finalised: 'an enclave has to verify it; if that takes minutes, the relayer is behind',
  verified: 'the relayer has to commit it on the anchor chain; nothing to do',
  committed: 'the anchor chain has to finalise the commit; nothing to do',
  anchored:
    'the enclave may release it now; a sealed payout cannot be tied to this deposit: look for it with the tag secret',
  released: 'the destination chain has to finalise the payout; nothing to do',
  refunded: 'the source chain has to finalise the refund; nothing to do',
  claimable:
    'the payout was put aside: anyone may call claim, the recipient also claimTo another address',
  claimed: 'the chain has to finalise the claim; nothing to do',
  confirmed: 'nothing, it is done',
};

const REASONS: Readonly<Record<DeferReason, string>> = {
  none: 'no reason given',
  'unknown-asset': 'the gateway does not know the asset',
  'asset-paused': 'the asset is paused',
  'supply-exceeded': 'more would leave than has come in',
  'cap-exceeded': 'the cap of the asset is reached',
  'window-exceeded': 'the rate limit of the window is reached',
  'payout-failed': 'the recipient refused the payout',
};

/** Why a payout was put aside, in words; empty where nothing was. */
export function explainReason(reason: DeferReason | undefined): string {
  return reason === undefined ? '' : REASONS[reason];
}

/** What has to happen next to a transfer with this history, who has to do it, and when it can be expected. */
export function nextStep(history: readonly StateChange[], etaMs?: number): string {
  const last = history.at(-1);
  if (last === undefined) return 'nothing is known of it';
  const eta = etaMs === undefined ? '' : ` (in about ${Math.ceil(etaMs / 1000)} s)`;
  return NEXT[last.state] + eta;
}

/** The block whose finality a transfer with this history waits for. */
export function awaitedBlock(history: readonly StateChange[]): StateChange | undefined {
  const last = history.at(-1);
  return last && WAITS_FOR_FINALITY.has(last.state) ? last : undefined;
}

const WAITS_FOR_FINALITY: ReadonlySet<TransferState> = new Set([
  'observed',
  'committed',
  'released',
  'refunded',
  'claimed',
]);
