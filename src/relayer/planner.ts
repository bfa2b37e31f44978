import type { Bridge } from './bridge.ts';
import { createComparison } from './compare-ledger.ts';
import { type Look, looksOf } from './plan.ts';
import type { JobRef } from './queue/job-queue.ts';
import { codeOf, whereExplained } from './unexpected-error.ts';
import { createNudge, type PauseBounds } from './watch/nudge.ts';
import { createBalanceWatch } from './watch-balances.ts';

/** Looks for work whenever something has happened. */
export interface Planner {
  /** Something has happened: look again soon. */
  wake(): void;
  /** Looks until the relayer stops. */
  run(): Promise<void>;
}

/**
 * From one look to the next: what comes all at once, as the ends of jobs and the news of several chains do, is looked at once. Without news
 * too, what nobody told of, such as an enclave that came back, is found all the same.
 */
const PAUSE: PauseBounds = { leastMs: 50, mostMs: 2000 };
/** How long a planner waits, in milliseconds. */
export interface PlannerPatience {
  /** For a look, and for the queue to take a job: what takes longer is tried again next time. */
  readonly lookMs: number;
  /**
   * For a place where looks fail, or what they find is taken by no queue, before that is an alarm: what there is to do is found by nobody, so
   * that no lane fails at it.
   */
  readonly blindMs: number;
}

const PATIENCE: PlannerPatience = { lookMs: 15_000, blindMs: 300_000 };

/** Creates a planner that gives the work it finds to `add`. Each place is looked at by itself, whatever the others do. */
export function createPlanner(
  bridge: Bridge,
  add: (job: JobRef) => Promise<void>,
  patience: Partial<PlannerPatience> = {},
): Planner {
  const comparison = { name: 'chains and ledger', find: createComparison(bridge) };
  const balances = { name: 'balances', find: createBalanceWatch(bridge) };
  const looks = [...looksOf(bridge), comparison, balances];
  const watchers = looks.map((look) =>
    createWatcher(bridge, look, { ...PATIENCE, ...patience, add }),
  );
  const wake = () => {
    for (const watcher of watchers) watcher.wake();
  };
  const aborted = new Promise<void>((resolve) => {
    if (bridge.signal.aborted) resolve();
    else bridge.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return {
    wake,
    run: async () => {
      // A look that hangs when the relayer stops has nothing to end.
      await Promise.race([Promise.all(watchers.map((watcher) => watcher.run())), aborted]);
    },
  };
}

interface Watching extends PlannerPatience {
  readonly add: (job: JobRef) => Promise<void>;
}

function createWatcher(
  { vitals, log, signal }: Bridge,
  { name, find }: Look,
  { add, lookMs, blindMs }: Watching,
): Planner {
  const { wake, pause } = createNudge();
  const what = `a look at ${name}`;
  return {
    wake,
    run: async () => {
      while (!signal.aborted) {
        try {
          for (const job of await vitals.wait(what, lookMs, find)) {
            // A queue whose server is away keeps what it is asked until that is back.
            await vitals.wait(`the queue to take a job ${job.kind}`, lookMs, () => add(job));
          }
          vitals.clear(what);
        } catch (error) {
          const code = codeOf(error);
          const sentence = `it is not known what there is to do, or the queue takes none of it; see ${whereExplained(code)}`;
          vitals.alarm(what, { code, sentence, patienceMs: blindMs });
          log.warn({ err: error, look: name }, 'cannot see all that there is to do');
        }
        await pause(PAUSE, signal);
      }
    },
  };
}
