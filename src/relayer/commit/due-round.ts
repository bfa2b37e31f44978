import { CONTROL_KINDS } from '../../protocol/control.ts';
import { lastCompleteRound } from '../../protocol/rounds.ts';
import type { Bridge } from '../bridge.ts';
import type { ControlRow } from '../journal/control-messages.ts';
import { isSuspended, type Suspension } from '../suspensions.ts';

/** The part of the bridge that says how time is cut. */
export type TimedBridge = Pick<Bridge, 'schedule' | 'sides' | 'anchor'>;

/** Up to when outboxes are, or could be, proven: seconds of Unix time. */
export interface ProvenTimes {
  /** By chain id; one that is left out is not proven at all. */
  readonly chains: ReadonlyMap<bigint, bigint>;
  readonly control: bigint;
}

/**
 * The last round that is complete, with every one after `round` before it: for all chains that are not suspended in it, and
 * for the anchor's own outbox.
 *
 * @param round     the last that the ledger has consumed
 * @param suspended what governance has said of suspensions, all of it, in its order
 */
export function lastDueRound(
  bridge: TimedBridge,
  { round, suspended }: { readonly round: bigint; readonly suspended: readonly Suspension[] },
  times: ProvenTimes,
): bigint {
  const { schedule, sides, anchor } = bridge;
  const control = lastCompleteRound(schedule, anchor.side.lagSec, times.control);
  const complete = sides.map(({ chain: { chainId }, lagSec }) => {
    const provenAtSec = times.chains.get(chainId) ?? 0n;
    return { chainId, last: lastCompleteRound(schedule, lagSec, provenAtSec) };
  });
  let due = round;
  while (due < control) {
    const next = due + 1n;
    const isComplete = complete.every(
      ({ chainId, last }) => last >= next || isSuspended(suspended, chainId, next),
    );
    if (!isComplete) return due;
    due = next;
  }
  return due;
}

/**
 * How many control messages a commit over rounds up to `round` consumes: those up to the round's cut, and beyond it only as
 * many as the latest suspension needs, without which the anchor takes no commit.
 *
 * @param known final control messages, from the first on, that every signer has proven
 */
export function controlFor(
  cutSec: bigint,
  consumed: bigint,
  known: readonly Pick<ControlRow, 'sentAtSec' | 'kind'>[],
): bigint {
  const within = known.findLastIndex(({ sentAtSec }) => sentAtSec <= cutSec) + 1;
  const suspend = known.findLastIndex(({ kind }) => kind === CONTROL_KINDS.suspend) + 1;
  const count = BigInt(Math.max(within, suspend));
  return count > consumed ? count : consumed;
}
