// SPEC: docs/protocol.md §2. A round's bounds follow from the measured configuration alone: nobody chooses what a round consumes.

/** How time is cut into rounds; measured. */
export interface RoundSchedule {
  /** The instant T0 from which rounds are counted, in seconds of Unix time. */
  readonly startSec: bigint;
  /** Length of a round, in seconds. */
  readonly roundSec: bigint;
}

/** When round `round` ends, in seconds of Unix time: T0 + round · ROUND_SEC. State 0 has round 0. */
export function roundEndSec({ startSec, roundSec }: RoundSchedule, round: bigint): bigint {
  return startSec + round * roundSec;
}

/**
 * The last second of which round `round` consumes a chain's messages, in Unix time. It is complete for that chain once the
 * outbox is proven at a final header whose time in whole seconds is **later** than this.
 *
 * @param lagSec the chain's LAG: longer than it usually takes to be final
 */
export function roundCutSec(schedule: RoundSchedule, lagSec: bigint, round: bigint): bigint {
  return roundEndSec(schedule, round) - lagSec;
}

/** The round that consumes what a chain took at `timeSec`: the first whose cut is not before it, at least 1. */
export function consumingRound(schedule: RoundSchedule, lagSec: bigint, timeSec: bigint): bigint {
  const sinceStart = timeSec + lagSec - schedule.startSec;
  if (sinceStart <= schedule.roundSec) return 1n;
  return (sinceStart + schedule.roundSec - 1n) / schedule.roundSec;
}

/** The last round that a chain proven at a header of time `provenAtSec` is complete for; 0 if for none. */
export function lastCompleteRound(
  schedule: RoundSchedule,
  lagSec: bigint,
  provenAtSec: bigint,
): bigint {
  // cut(r) < provenAtSec, so r·ROUND_SEC ≤ provenAtSec − 1 − T0 + LAG.
  const room = provenAtSec - 1n - schedule.startSec + lagSec;
  return room < 0n ? 0n : room / schedule.roundSec;
}
