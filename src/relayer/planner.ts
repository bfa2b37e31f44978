import type { Bridge } from './bridge.ts';
import { createComparison } from './compare-ledger.ts';
import { type Look, looksOf } from './plan.ts';
import type { JobRef } from './queue/job-queue.ts';
import { codeOf, whereExplained } from './unexpected-error.ts';
import { createBalanceWatch } from './watch-balances.ts';

/** Looks for work whenever something has happened. */
export interface Planner {
  /** Something has happened: look again soon. */
  wake(): void;
  /** Looks until the relayer stops. */
  run(): Promise<void>;
}

/** A look without news: what nobody told of, such as an enclave that came back, is found all the same. */
const IDLE_MS = 2000;
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
  const watchers = looks.map((look) => {
    return createWatcher(bridge, look, { add, sight: createSight(bridge, look, blindMs) });
  });
  const wake = () => {
    for (const watcher of watchers) watcher.wake();
  };
  const aborted = new Promise<void>((resolve) => {
    const stop = () => {
      wake();
      resolve();
    };
    if (bridge.signal.aborted) stop();
    else bridge.signal.addEventListener('abort', stop, { once: true });
  });
  return {
    wake,
    run: async () => {
      // A look that hangs when the relayer stops has nothing to end.
      await Promise.race([Promise.all(watchers.map((watcher) => watcher.run())), aborted]);
    },
  };
}

/** Whether a place can be looked at. */
interface Sight {
  seen(): void;
  failed(error: unknown): void;
}

function createSight({ vitals }: Bridge, { name }: Look, blindMs: number): Sight {
  const alarm = `a look at ${name}`;
  let blindSinceMs: number | undefined;
  return {
    seen: () => {
      blindSinceMs = undefined;
      vitals.clear(alarm);
    },
    failed: (error) => {
      const nowMs = performance.now();
      blindSinceMs ??= nowMs;
      if (nowMs - blindSinceMs < blindMs) return;
      const code = codeOf(error);
      const sentence = `it is not known what there is to do, or the queue takes none of it; see ${whereExplained(code)}`;
      vitals.alarm(alarm, { code, sentence });
    },
  };
}

interface Watching {
  readonly add: (job: JobRef) => Promise<void>;
  readonly sight: Sight;
}

function createWatcher(
  { vitals, log, signal }: Bridge,
  { name, find }: Look,
  { add, sight }: Watching,
): Planner {
  let hasNews = true;
  let stopWaiting: () => void = () => undefined;
  const waitForNews = async (): Promise<void> => {
    if (hasNews || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE_MS);
      stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };
  return {
    wake: () => {
      hasNews = true;
      stopWaiting();
    },
    run: async () => {
      while (!signal.aborted) {
        hasNews = false;
        try {
          for (const job of await vitals.wait(`a look at ${name}`, LOOK_MS, find)) await add(job);
          sight.seen();
        } catch (error) {
          sight.failed(error);
          log.warn({ err: error, look: name }, 'cannot see all that there is to do');
        }
        await waitForNews();
      }
    },
  };
}
