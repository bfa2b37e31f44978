import { SPREAD_STAYS } from '../../../src/client/order-times.ts';
import type { Company } from '../company.ts';
import type { PoolRules } from '../market.ts';
import type { PublicView } from '../records.ts';
import { type Payee, poolOfPayout } from './clues.ts';

/** The law of one payee's payouts in time. */
export interface TimeLaw {
  /** How likely it is that an order consumed in `round` is paid in just these rounds. */
  densityAt(round: number): number;
  /** The first and the last round in which it can have been consumed. */
  readonly first: number;
  readonly last: number;
}

/** As the wallet sets it: see `drawOrderTimes`. */
const PATIENCE_STAYS = 24;
/** Smaller terms, against the largest, are nothing. */
const NEGLIGIBLE = 1e-9;

/**
 * An order may leave from a round on that is drawn evenly within some mean stays; then each leg leaves by a coin of its own in every round
 * in which its pool has the floor's roots. The adversary is told which rounds those were, which it could only guess.
 */
export function timeLawOf({ pools }: PublicView, company: Company, { payouts }: Payee): TimeLaw {
  const stay = pools.meanStayRounds;
  const spread = spreadOf(pools) * stay;
  const hazard = -Math.log(1 - 1 / stay);
  const exits = payouts.map((payout) => {
    const open = company.openRounds(poolOfPayout(payout));
    return { open, before: open[payout.round - 1] ?? 0, round: payout.round };
  });
  const last = Math.min(...exits.map(({ round }) => round));
  const earliest = Math.max(
    1,
    Math.max(...exits.map(({ round }) => round)) - PATIENCE_STAYS * stay,
  );
  const termAt = (from: number) => {
    let waited = 0;
    for (const { open, before } of exits) waited += before - (open[from - 1] ?? 0);
    return Math.exp(-hazard * waited) / stay ** exits.length;
  };
  // sums[i]: of the terms from `last` back to `last − i`.
  const sums: number[] = [];
  const newest = termAt(last);
  for (let from = last; from >= earliest; from--) {
    const term = termAt(from);
    if (term < newest * NEGLIGIBLE) break;
    sums.push((sums.at(-1) ?? 0) + term);
  }
  const upTo = (round: number) => sums[Math.min(last - round, sums.length - 1)] ?? 0;
  return {
    densityAt(round) {
      const end = Math.min(last, round + spread);
      const later = end === last ? 0 : upTo(end + 1);
      return (upTo(round) - later) / (spread + 1);
    },
    first: last - sums.length + 1 - spread,
    last,
  };
}

function spreadOf({ spreadStays = SPREAD_STAYS }: PoolRules): number {
  return spreadStays;
}

/** How old a payout is on average, in rounds. */
export function usualAge({ pools }: PublicView): number {
  return Math.round((1 + spreadOf(pools) / 2) * pools.meanStayRounds);
}

/** How likely it is that a leg has not left a pool when its patience ends, or not yet. */
export function stillThere(
  company: Company,
  { pools, rounds }: PublicView,
  { pool, round }: { readonly pool: string; readonly round: number },
): number {
  const stay = pools.meanStayRounds;
  const open = company.openRounds(pool);
  const from = Math.min(rounds, round + Math.round((spreadOf(pools) * stay) / 2));
  const until = Math.min(rounds, from + PATIENCE_STAYS * stay);
  return Math.exp(-((open[until] ?? 0) - (open[from] ?? 0)) / stay);
}
