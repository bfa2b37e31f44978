import { print } from '../report.ts';
import { type Measured, measure } from './measures.ts';
import { type Options, readOptions } from './options.ts';
import { wholeBridge } from './scenarios.ts';
import { simulate } from './simulate.ts';
import { printChoices } from './tables/choices.ts';
import { printDefaults } from './tables/defaults.ts';
import { printDelays } from './tables/delays.ts';
import { printHabits } from './tables/habits.ts';
import { describeVolume, printLinkage } from './tables/linkage.ts';
import { printOnePool } from './tables/one-pool.ts';
import { printRefilling } from './tables/refilling.ts';

// How well payouts are hidden: docs/privacy.md.

/** Enough rounds at every load for figures, few enough for a coffee. */
const WEEKS = new Map([
  [0.5, 8],
  [2, 5],
  [20, 2],
  [200, 0.6],
]);
const USUAL_WEEKS = 2;
/** The load at which choices are compared, and the one at which attacks are. */
const CHOICES_PER_HOUR = 20;
const ATTACKED_PER_HOUR = 2;
const POOL_LOADS = [0.125, 0.5, 2, 20];

const options = readOptions();
print(`Seed ${options.seed}. Loads in deposits an hour, all ways together.`);
for (const [name, run] of sections(options)) {
  if (performance.now() > options.budgetSec * 1000) print(`\nNo time left for: ${name}.`);
  else run();
}

function sections({ loads, seed, weeks }: Options): (readonly [string, () => void])[] {
  const usual = { seed, weeks: weeks ?? USUAL_WEEKS };
  const atLoads = loads.map((perHour) => {
    return [`${perHour} an hour`, () => measureLoad({ ...usual, perHour })] as const;
  });
  return [
    ...atLoads,
    ['one pool', () => printOnePool({ ...usual, weeks: weeks ?? 3 }, POOL_LOADS)],
    ['refilling', () => printRefilling({ seed, weeks: weeks ?? 5, perHour: ATTACKED_PER_HOUR })],
    ['delays', () => printDelays({ seed, weeks: 1, perHour: CHOICES_PER_HOUR })],
    ['defaults', () => printDefaults(usual)],
  ];
}

function measureLoad({ seed, perHour }: { readonly seed: number; readonly perHour: number }): void {
  const weeks = options.weeks ?? WEEKS.get(perHour) ?? USUAL_WEEKS;
  const variation = { seed, weeks, perHour };
  const measured: Measured = measure(simulate(wholeBridge(variation)).history);
  printLinkage(measured, `${perHour} deposits an hour`);
  print(`\n${describeVolume(measured)}.`);
  if (perHour !== CHOICES_PER_HOUR) return;
  printHabits(measured, `What people give away, ${perHour} deposits an hour`);
  printChoices(measured, variation);
}
