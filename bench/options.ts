import { parseArgs } from 'node:util';
import type { Repeats } from './timing.ts';

/** How a benchmark is to run. */
export interface Options {
  readonly repeats: Repeats;
  /** Made-up states follow from it. */
  readonly seed: number;
  readonly isQuick: boolean;
  /** The one section to run, or undefined for all. */
  readonly only: string | undefined;
}

const USUAL: Repeats = { runs: 9, leastRunMs: 200 };
const QUICK: Repeats = { runs: 3, leastRunMs: 40 };

/** Reads the command line: `--only <section>`, `--seed <number>`, `--quick`. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed must be a whole number: ${values.seed}`);
  return {
    repeats: values.quick ? QUICK : USUAL,
    seed,
    isQuick: values.quick,
    only: values.only,
  };
}
