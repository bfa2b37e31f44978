import { consumingRound, type RoundSchedule, roundEndSec } from '../protocol/rounds.ts';

/** What decides how long a payout takes; all of it is public. */
export interface WaitFacts {
  readonly schedule: RoundSchedule;
  /** LAG of the chain that takes the deposit, or the post. */
  readonly lagSec: bigint;
  readonly nowSec: bigint;
  /** Of pooled legs: the rounds that they stay on average, and the first in which they may leave. */
  readonly pool?: { readonly meanStayRounds: number; readonly notBefore: bigint };
}

/** The round that a clock is in. 0 before the first. */
export function currentRound({ startSec, roundSec }: RoundSchedule, nowSec: bigint): bigint {
  return nowSec <= startSec ? 0n : (nowSec - startSec) / roundSec;
}

/**
 * Seconds until the ledger can be expected to let a payout go. Its commit and its release become final after that; and a pool with
 * fewer depositors than its floor lets nobody go, however long that takes.
 */
export function expectedWaitSec({ schedule, lagSec, nowSec, pool }: WaitFacts): bigint {
  const consumed = consumingRound(schedule, lagSec, nowSec);
  if (pool === undefined) return roundEndSec(schedule, consumed) - nowSec;
  let first = consumed;
  if (pool.notBefore > first) first = pool.notBefore;
  return roundEndSec(schedule, first + BigInt(pool.meanStayRounds)) - nowSec;
}
