import { printTable } from '../../report.ts';
import { createGauge } from '../figures.ts';
import { pair, percent, share } from '../format.ts';
import { measure } from '../measures.ts';
import { onePool, type Variation } from '../scenarios.ts';
import { simulate } from '../simulate.ts';

/** Prints what one pool does at different loads, left alone and refilled. */
export function printOnePool(
  { seed, weeks }: Omit<Variation, 'perHour'>,
  loads: readonly number[],
): void {
  const rows = loads.flatMap((perHour) =>
    [false, true].map((isRefilled) => {
      const { history } = simulate(onePool({ seed, weeks, perHour, isRefilled }));
      const figures = createGauge(measure(history)).figuresOf(() => true);
      const { payouts, chance, linked, effective, others, alone, returned, waitHours } = figures;
      return [
        ...[`${perHour}`, isRefilled ? 'refilled' : 'not attacked', `${payouts}`, share(chance)],
        ...[share(linked.get('laws') ?? Number.NaN), pair(effective), pair(others)],
        ...[percent(alone), percent(returned), pair(waitHours)],
      ];
    }),
  );
  printTable({
    title: 'One pool, in which all amounts are the same',
    columns: [
      ...['legs an hour', 'the pool is', 'payouts', 'chance', 'linked by laws', 'effective set'],
      ...['honest roots beside it', 'alone', 'out of patience', 'wait, h'],
    ],
    rows,
  });
}
