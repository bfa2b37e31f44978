import { deferReasonOf, type PayoutEvent, skipReasonOf } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { AssignmentSeen, ClaimSeen, ReleaseSeen, SeenLogs } from './decode-logs.ts';

/** Something that happened to a release at its gateway, and the block that shows it. */
export interface PayoutSeen {
  readonly index: bigint;
  readonly blockNumber: number;
  readonly transactionHash: Hex;
  /** What was paid or put aside; undefined where nothing was. */
  readonly amount: bigint | undefined;
  readonly event: PayoutEvent;
}

/** What the logs alone do not tell. */
export interface PayoutFacts {
  isFinal(blockNumber: number): boolean;
  isRefund(release: ReleaseSeen): boolean;
}

/** What a gateway logs of its releases. */
export type PayoutLogs = Pick<SeenLogs, 'releases' | 'skips' | 'assignments' | 'claims'>;

/** What happened to the releases of one gateway: what it did with them, then claims, each in the order of the logs. */
export function payoutEvents(logs: PayoutLogs, facts: PayoutFacts): PayoutSeen[] {
  const { releases, skips, assignments, claims } = logs;
  const deferred = new Set(
    releases.filter(({ deferReason }) => deferReason !== 0).map(({ index }) => index),
  );
  return [
    ...releases.map((release) => seenAt(release, releaseEvent(release, deferred, facts))),
    ...skips.map((skip) => {
      return seenAt(skip, { kind: 'skipped', reason: skipReasonOf(skip.skipReason) });
    }),
    ...assignments.map((assignment) => seenAt(assignment, { kind: 'assigned' })),
    ...claims.map((claim) => seenAt(claim, claimEvent(claim, facts))),
  ];
}

function seenAt(
  { index, blockNumber, transactionHash, amount }: AssignmentSeen & { readonly amount?: bigint },
  event: PayoutEvent,
): PayoutSeen {
  return { index, blockNumber, transactionHash, amount, event };
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

function claimEvent({ blockNumber, left }: ClaimSeen, { isFinal }: PayoutFacts): PayoutEvent {
  return { kind: 'claimed', isFinal: isFinal(blockNumber), isWhole: left === 0n };
}
