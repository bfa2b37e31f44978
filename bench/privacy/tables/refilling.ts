import { printTable } from '../../report.ts';
import { createGauge } from '../figures.ts';
import { amount, pair, percent, share } from '../format.ts';
import { DAY_SEC, FEE, PAYOUT_RATE, ROUND_SEC, SMALLEST_RUNG } from '../market.ts';
import { isInCohort, type Measured, measure } from '../measures.ts';
import type { LegTruth } from '../records.ts';
import { onePool, type Variation, wholeBridge } from '../scenarios.ts';
import { simulate } from '../simulate.ts';

/** Prints what somebody gets, and pays, who keeps k − 1 own roots wherever somebody waits. */
export function printRefilling(variation: Variation): void {
  const worlds = [
    ['whole bridge', wholeBridge],
    ['one pool', onePool],
  ] as const;
  const rows = worlds.flatMap(([name, scenario]) =>
    [false, true].map((isRefilled) => {
      const measured = measure(simulate(scenario({ ...variation, isRefilled })).history);
      return rowOf(`${name}, ${isRefilled ? 'refilled' : 'not attacked'}`, measured);
    }),
  );
  printTable({
    title: `An attacker who refills pools, ${variation.perHour} deposits an hour`,
    columns: [
      ...['where', 'victims', 'alone', 'honest roots beside it', 'effective set', 'linked by laws'],
      ...['own deposits per victim', 'locked, of what victims have there', 'cost per victim'],
    ],
    rows,
    note: '“Alone”: no other honest root had a leg in the pool that might have left. The attacker is told where victims are and is never late. The cost, in smallest rungs, is fees and rates.',
  });
}

function rowOf(name: string, measured: Measured): string[] {
  const { linked, alone, others, effective, payouts } = createGauge(measured).figuresOf(isPooled);
  const legs = measured.history.legs.filter(
    (leg) => isPooled(leg) && isInCohort(measured.history, leg),
  );
  const own = legs.filter(({ isAttacker }) => isAttacker);
  const victims = legs.filter(({ isAttacker }) => !isAttacker);
  const cost = (own.length * (Number(FEE) + PAYOUT_RATE)) / SMALLEST_RUNG;
  const { rounds } = measured.history;
  return [
    ...[name, `${payouts}`, percent(alone), pair(others), pair(effective)],
    ...[share(linked.get('laws') ?? Number.NaN), amount(own.length / victims.length)],
    ...[
      amount(lockedDays(own, rounds) / lockedDays(victims, rounds)),
      amount(cost / victims.length),
    ],
  ];
}

function isPooled({ mode }: LegTruth): boolean {
  return mode === 'pooled' || mode === 'account';
}

function lockedDays(legs: readonly LegTruth[], rounds: number): number {
  return legs.reduce((sum, { amount: locked, enterRound, exitRound, patience }) => {
    const until = exitRound ?? Math.min(patience, rounds);
    return sum + (locked * (until - enterRound) * ROUND_SEC) / DAY_SEC;
  }, 0);
}
