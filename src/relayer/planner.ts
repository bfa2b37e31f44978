import type { Bridge } from './bridge.ts';
import { planJobs } from './plan.ts';
import type { JobRef } from './queue/job-queue.ts';

/** Looks for work whenever something has happened. */
export interface Planner {
  /** Something has happened: look again soon. */
  wake(): void;
  /** Looks until the relayer stops. */
  run(): Promise<void>;
}

/** A look without news: what nobody told of, such as an enclave that came back, is found all the same. */
const IDLE_MS = 2000;

/** Creates a planner that gives the work it finds to `add`. */
export function createPlanner(bridge: Bridge, add: (job: JobRef) => Promise<void>): Planner {
  let hasNews = true;
  let stopWaiting: () => void = () => undefined;
  const waitForNews = async (): Promise<void> => {
    if (hasNews || bridge.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE_MS);
      stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };
  const wake = () => {
    hasNews = true;
    stopWaiting();
  };
  bridge.signal.addEventListener('abort', wake, { once: true });
  return {
    wake,
    run: async () => {
      while (!bridge.signal.aborted) {
        hasNews = false;
        try {
          for (const job of await planJobs(bridge)) await add(job);
        } catch (error) {
          bridge.log.warn({ err: error }, 'cannot see what there is to do');
        }
        await waitForNews();
      }
    },
  };
}
