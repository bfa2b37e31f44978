import type { Bridge } from './bridge.ts';
import { isLaneMeant, retriesAsked } from './journal/holds.ts';
import { laneOf } from './lanes.ts';
import { pause } from './pause.ts';
import type { JobQueue } from './queue/job-queue.ts';

/** How often the journal is asked, in milliseconds. */
const LOOK_MS = 2000;
/** Journal and queue answer in less, or not now. */
const DEADLINE_MS = 15_000;

export interface Obedience {
  readonly queue: Pick<JobQueue, 'retry'>;
  /** Hears of every retry, once nothing keeps the lane from working. */
  onRetry(): void;
  readonly lookMs?: number;
}

/** Has lanes try again at once that an operator has asked for (`askRetry`), until the relayer stops. */
export async function obeyRetries(
  bridge: Pick<Bridge, 'database' | 'sides' | 'vitals' | 'log' | 'signal'>,
  { queue, onRetry, lookMs = LOOK_MS }: Obedience,
): Promise<void> {
  const { database, vitals, log, signal } = bridge;
  const ask = () =>
    vitals.wait('retries that were asked for', DEADLINE_MS, () => retriesAsked(database));
  // What was asked for before the start, the start has done.
  let done: ReadonlyMap<string, bigint> | undefined;
  while (!signal.aborted) {
    try {
      const asked = await ask();
      const before = done ?? asked;
      for (const [lane, times] of asked) {
        if (times <= (before.get(lane) ?? 0n)) continue;
        await vitals.wait(`the queue to try lane "${lane}" again`, DEADLINE_MS, () =>
          queue.retry((job) => isLaneMeant(lane, laneOf(bridge, job))),
        );
        vitals.retry((name) => isLaneMeant(lane, name));
        log.info({ lane }, `lane "${lane}" is tried again, as the operator has asked`);
        onRetry();
      }
      done = asked;
    } catch (error) {
      log.warn({ err: error }, 'cannot see what is to be tried again');
    }
    await pause(lookMs, signal);
  }
}
