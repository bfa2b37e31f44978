import type { CommitSeen, ReleaseSeen, SeenLogs } from '../../chains/shared/decode-logs.ts';
import { payoutEvents } from '../../chains/shared/payout-events.ts';
import type { Cursor } from '../../protocol/commit.ts';
import {
  messageSubject,
  releaseSubject,
  type Subject,
  stepsOf,
  type TransferEvent,
} from '../../protocol/transfer-state.ts';
import { isRefund } from '../../protocol/transfer-tags.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { StateChange } from '../journal/state-changes.ts';

/** How releases of this chain's gateway are known to give deposits back. */
export interface KnownRefunds {
  /** Releases of batches in the journal, which say so, by index. */
  readonly indexes: ReadonlySet<bigint>;
  /** Tags of public refunds. Of an order that opened only its user and the batch can tell. */
  readonly tags: ReadonlySet<Hex>;
}

interface Seeing {
  /** The chain whose logs were seen. */
  readonly chainId: bigint;
  readonly isFinal: boolean;
  readonly atMs: number;
  /** Cursors of the commit before the first one seen. */
  readonly consumed: readonly Cursor[];
  readonly refunds: KnownRefunds;
}

/** An event, what it is about and the block that shows it. */
type Happening = readonly [subject: Subject, blockNumber: number, event: TransferEvent];

/**
 * The state changes that logs stand for, made anew each time they are gone through: a commit that ends a long wait stands
 * for those of every message that it consumes.
 */
export function stateChangesOf(seen: SeenLogs, seeing: Seeing): Iterable<StateChange> {
  return { [Symbol.iterator]: () => generateChanges(seen, seeing) };
}

function* generateChanges(seen: SeenLogs, seeing: Seeing): Generator<StateChange> {
  const { chainId, atMs } = seeing;
  for (const [subject, blockNumber, event] of happeningsOf(seen, seeing)) {
    for (const step of stepsOf(event)) yield { subject, ...step, chainId, blockNumber, atMs };
  }
}

function* happeningsOf(seen: SeenLogs, seeing: Seeing): Generator<Happening> {
  const { chainId, isFinal, consumed, refunds } = seeing;
  for (const { index, blockNumber } of seen.messages) {
    yield [messageSubject(chainId, index), blockNumber, { kind: 'deposited', isFinal }];
  }
  for (const [subject, blockNumber] of committedMessages(seen.commits, consumed)) {
    yield [subject, blockNumber, { kind: 'committed', isFinal }];
  }
  const mark = { tags: refunds.tags, sourceChainId: chainId };
  const facts = {
    isFinal: () => isFinal,
    isRefund: (release: ReleaseSeen) =>
      refunds.indexes.has(release.index) || isRefund(release, mark),
  };
  for (const { index, blockNumber, event } of payoutEvents(seen, facts)) {
    yield [releaseSubject(chainId, index), blockNumber, event];
  }
}

/** The messages that each commit consumes: those between the cursors of the one before it and its own. */
function* committedMessages(
  commits: readonly CommitSeen[],
  consumed: readonly Cursor[],
): Generator<readonly [Subject, number]> {
  const from = new Map(consumed.map(({ chainId, count }) => [chainId, count]));
  for (const { inputs, blockNumber } of commits) {
    for (const { chainId, count } of inputs) {
      for (let index = from.get(chainId) ?? 0n; index < count; index++) {
        yield [messageSubject(chainId, index), blockNumber];
      }
      from.set(chainId, count);
    }
  }
}
