import { deferReasonOf, type PayoutEvent } from '../../protocol/transfer-state.ts';
import type { ClaimSeen, ReleaseSeen, SeenLogs } from './decode-logs.ts';

/** Something that happened to a release at its gateway, and the block that shows it. */
export interface PayoutSeen {
  readonly index: bigint;
  readonly blockNumber: number;
  readonly event: PayoutEvent;
}

/** What the logs alone do not tell. */
export interface PayoutFacts {
  isFinal(blockNumber: number): boolean;
  isRefund(release: ReleaseSeen): boolean;
}

/** What happened to the releases of one gateway: payouts, then claims, each in the order of the logs. */
export function payoutEvents(
  { releases, claims }: Pick<SeenLogs, 'releases' | 'claims'>,
  facts: PayoutFacts,
): PayoutSeen[] {
  const deferred = new Set(
    releases.filter(({ deferReason }) => deferReason !== 0).map(({ index }) => index),
  );
  return [
    ...releases.map((release) => seenAt(release, releaseEvent(release, deferred, facts))),
    ...claims.map((claim) => seenAt(claim, claimEvent(claim, facts))),
  ];
}

function seenAt({ index, blockNumber }: ClaimSeen | ReleaseSeen, event: PayoutEvent): PayoutSeen {
  return { index, blockNumber, event };
}

function releaseEvent(
  release: ReleaseSeen,
  deferred: ReadonlySet<bigint>,
  facts: PayoutFacts,
): PayoutEvent {
  const { index, blockNumber, deferReason } = release;
  if (deferReason !== 0) return { kind: 'deferred', reason: deferReasonOf(deferReason) };
  return {
    kind: 'paid',
    isFinal: facts.isFinal(blockNumber),
    isRefund: facts.isRefund(release),
    wasDeferred: deferred.has(index),
  };
}

function claimEvent({ blockNumber }: ClaimSeen, { isFinal }: PayoutFacts): PayoutEvent {
  return { kind: 'claimed', isFinal: isFinal(blockNumber), isWhole: true };
}
