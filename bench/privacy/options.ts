import { parseArgs } from 'node:util';

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
const BUDGET_SEC = '1800';

/** Reads the command line: `--seed`, `--weeks`, `--load`, `--budget-sec`. @throws {RangeError} no number */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      weeks: { type: 'string' },
      load: { type: 'string' },
      'budget-sec': { type: 'string', default: BUDGET_SEC },
    },
  });
  const { weeks, load } = values;
  return {
    seed: readNumber('--seed', values.seed),
    weeks: weeks === undefined ? undefined : readNumber('--weeks', weeks),
    loads: load === undefined ? LOADS : [readNumber('--load', load)],
    budgetSec: readNumber('--budget-sec', values['budget-sec']),
  };
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${name} must be a number above 0: ${text}`);
}
