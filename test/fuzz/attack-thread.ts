import { parentPort, workerData } from 'node:worker_threads';
import { allTargets } from './all-targets.ts';
import { attack } from './campaign.ts';

/** What the main thread hands over. */
interface Assignment {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly forMs: number;
  /** One more than the run that is under way. */
  readonly progress: Int32Array;
}

const { target, seed, runs, forMs, progress } = workerData as Assignment;
const found = (await allTargets()).find(({ name }) => name === target);
if (found === undefined) throw new Error(`no target ${target}`);
const onRun = (index: number) => void Atomics.store(progress, 0, index + 1);
parentPort?.postMessage(await attack(found, { seed, runs, forMs, onRun }));
