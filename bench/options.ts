import { readScriptOptions } from '../test/support/script-options.ts';
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

/** A script that measures. */
interface Benchmark {
  /** How it is called. */
  readonly command: string;
  readonly what: string;
  /** What it can measure alone. */
  readonly sections?: readonly string[];
}

/** Reads the command line: `--only <section>` where there are some, `--seed <number>`, `--quick`. */
export function readOptions({ command, what, sections }: Benchmark): Options {
  const common = {
    seed: { type: 'whole number', value: 'S', what: 'what made-up states follow from', default: 1 },
    quick: { type: 'flag', what: 'less of everything' },
  } as const;
  const values =
    sections === undefined
      ? { only: undefined, ...readScriptOptions({ command, what, options: common }) }
      : readScriptOptions({ command, what, options: { only: only(sections), ...common } });
  return {
    repeats: values.quick ? QUICK : USUAL,
    seed: values.seed,
    isQuick: values.quick,
    only: values.only,
  };
}

function only(sections: readonly string[]) {
  const what = `only this: ${sections.join(', ')}`;
  return { type: 'text', value: 'SECTION', what, among: sections } as const;
}
