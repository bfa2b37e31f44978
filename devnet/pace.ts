import { setTimeout as delay } from 'node:timers/promises';
import type { ChainClock } from './chain-clock.ts';

/** What makes blocks when their time has come. */
export interface Pace {
  /** Runs `work` with a block for every extrinsic as soon as it comes, besides those that are due, while the clock has room. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when a block is made that was begun after the call. */
  nextBlock(): Promise<void>;
  stop(): Promise<void>;
}

/** How often it is looked whether a block is due or wanted. */
const CHECK_MS = 25;

/** Makes blocks by `step`, one after the other, one in each slot of the clock. */
export function startPace(
  clock: ChainClock,
  step: () => Promise<unknown>,
  hasWork: () => boolean,
): Pace {
  let hurrying = 0;
  let isStopped = false;
  let awaiting: (() => void)[] = [];
  const run = async () => {
    while (!isStopped) {
      const isWanted = hurrying > 0 && clock.hasRoom() && hasWork();
      if (isWanted || clock.isDue()) {
        clock.takeSlot();
        const made = awaiting;
        awaiting = [];
        await step();
        for (const resolve of made) resolve();
      }
      await delay(CHECK_MS);
    }
  };
  const running = run();
  return {
    hurry: async (work) => {
      hurrying++;
      try {
        return await work();
      } finally {
        hurrying--;
      }
    },
    nextBlock: () => new Promise((resolve) => awaiting.push(resolve)),
    stop: () => {
      isStopped = true;
      return running;
    },
  };
}
