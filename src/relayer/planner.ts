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
/** What takes longer than this to answer is looked at next time. */
const LOOK_MS = 15_000;

/** How long a place may not be looked at before that is an alarm: what there is to do is found by nobody, so that no lane fails at it. */
const BLIND_MS = 300_000;

/**
 * Creates a planner that gives the work it finds to `add`. Each place is looked at by itself, whatever the others do.
 *
 * @param blindMs milliseconds for which looks at a place may fail, or what they find be taken by no queue, before that is an alarm
 */
export function createPlanner(
  bridge: Bridge,
  add: (job: JobRef) => Promise<void>,
  blindMs: number = BLIND_MS,
): Planner {
  const comparison = { name: 'chains and ledger', find: createComparison(bridge) };
  const balances = { name: 'balances', find: createBalanceWatch(bridge) };
  const looks = [...looksOf(bridge), comparison, balances];
  const watchers = looks.map((look) => createWatcher(bridge, look, { add, blindMs }));
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

interface Watching {
  readonly add: (job: JobRef) => Promise<void>;
  readonly blindMs: number;
}

function createWatcher(
  { vitals, log, signal }: Bridge,
  { name, find }: Look,
  { add, blindMs }: Watching,
): Planner {
  const { wake, pause } = createNudge();
  const what = `a look at ${name}`;
  return {
    wake,
    run: async () => {
      while (!signal.aborted) {
        try {
          for (const job of await vitals.wait(what, LOOK_MS, find)) await add(job);
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
