import { cpus } from 'node:os';
import type { Options } from './options.ts';

/** Where and how the figures were made, in one line. */
export function describeMachine({ repeats, seed }: Options): string {
  const all = cpus();
  const machine = `Node ${process.versions.node}, ${all.length} × ${all[0]?.model ?? 'unknown CPU'}`;
  const how = `medians of ${repeats.runs} runs, proofs by processor time and all else by the clock`;
  return `${machine}. Timings are ${how}; seed ${seed}.`;
}
