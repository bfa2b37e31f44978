import { readScriptOptions } from '../../test/support/script-options.ts';

/** How the measurement is to run. */
export interface Options {
  readonly seed: number;
  /** For every load; undefined for as many as each needs. */
  readonly weeks: number | undefined;
  /** Deposits an hour. */
  readonly loads: readonly number[];
  /** After so many seconds no further table is begun. */
  readonly budgetSec: number;
}

const LOADS = [0.5, 2, 20, 200];
const BUDGET_SEC = 1800;

/** Reads the command line: `--seed`, `--weeks`, `--load`, `--budget-sec`. */
export function readOptions(): Options {
  const { load, ...values } = readScriptOptions({
    command: 'npm run bench:privacy',
    what: 'Measures how well payouts are hidden.',
    options: {
      seed: { type: 'number', value: 'S', what: 'what all deposits follow from', default: 1 },
      weeks: {
        type: 'number',
        value: 'N',
        what: 'for every load; otherwise as many as it needs',
        least: 0.01,
      },
      load: { type: 'number', value: 'L', what: 'only this one, in deposits an hour', least: 0.01 },
      'budget-sec': {
        type: 'number',
        value: 'SEC',
        what: 'after which no table is begun',
        default: BUDGET_SEC,
      },
    },
  });
  return {
    seed: values.seed,
    weeks: values.weeks,
    loads: load === undefined ? LOADS : [load],
    budgetSec: values['budget-sec'],
  };
}
