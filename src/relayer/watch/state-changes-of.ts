import type { ChainName } from '../../chains/shared/bridged-chain.ts';
import type { CommitSeen, SeenLogs } from '../../chains/shared/decode-logs.ts';
import type { Cursor } from '../../protocol/commit.ts';
import {
  DEFER_REASONS,
  messageSubject,
  releaseSubject,
  type Subject,
} from '../../protocol/transfer-state.ts';
import type { StateChange } from '../journal/state-changes.ts';

interface Seeing {
  readonly chain: ChainName;
  readonly isFinal: boolean;
  readonly atMs: number;
  /** Cursors of the commit before the first one seen. */
  readonly consumed: readonly Cursor[];
}

/** The state changes that logs stand for. */
export function stateChangesOf(seen: SeenLogs, seeing: Seeing): StateChange[] {
  const { chain, isFinal, atMs } = seeing;
  const change = (
    subject: Subject,
    blockNumber: number,
    [state, reason]: readonly [StateChange['state'], StateChange['reason']],
  ): StateChange => ({ subject, state, reason, chain, blockNumber, atMs });
  return [
    ...seen.messages.flatMap(({ chainId, index, blockNumber }) => {
      const subject = messageSubject(chainId, index);
      const observed = change(subject, blockNumber, ['observed', 'deposit-included']);
      const final = change(subject, blockNumber, ['finalised', 'deposit-final']);
      return isFinal ? [observed, final] : [observed];
    }),
    ...committedMessages(seen.commits, seeing.consumed).flatMap(([subject, blockNumber]) => {
      const committed = change(subject, blockNumber, ['committed', 'commit-included']);
      const anchored = change(subject, blockNumber, ['anchored', 'commit-final']);
      return isFinal ? [committed, anchored] : [committed];
    }),
    ...seen.releases.flatMap(({ chainId, index, blockNumber, deferReason }) => {
      const subject = releaseSubject(chainId, index);
      const reason = DEFER_REASONS[deferReason] ?? 'payout-failed';
      const released =
        deferReason === 0
          ? change(subject, blockNumber, ['released', 'payout-included'])
          : change(subject, blockNumber, ['claimable', reason]);
      const confirmed = change(subject, blockNumber, ['confirmed', 'payout-final']);
      // What was put aside is not paid: its next state is `claimed`.
      return isFinal && deferReason === 0 ? [released, confirmed] : [released];
    }),
    ...seen.claims.map(({ chainId, index, blockNumber }) =>
      change(releaseSubject(chainId, index), blockNumber, ['claimed', 'claim-included']),
    ),
  ];
}

/** The messages that each commit consumes: those between the cursors of the one before it and its own. */
function committedMessages(
  commits: readonly CommitSeen[],
  consumed: readonly Cursor[],
): (readonly [Subject, number])[] {
  const from = new Map(consumed.map(({ chainId, count }) => [chainId, count]));
  const found: (readonly [Subject, number])[] = [];
  for (const { inputs, blockNumber } of commits) {
    for (const { chainId, count } of inputs) {
      for (let index = from.get(chainId) ?? 0n; index < count; index++) {
        found.push([messageSubject(chainId, index), blockNumber]);
      }
      from.set(chainId, count);
    }
  }
  return found;
}
