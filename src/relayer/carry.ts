import { BridgeError } from '../shared/errors.ts';
import type { Bridge } from './bridge.ts';
import { laneOf, mayRun } from './lanes.ts';
import { obeyRetries } from './obey-retries.ts';
import { createPlanner } from './planner.ts';
import type { JobQueue, JobQueueOptions, JobRef } from './queue/job-queue.ts';
import { runJob } from './run-job.ts';
import { sayAlarms } from './say-alarms.ts';
import { watchHeads } from './watch/watch-heads.ts';

/** Opens the queue that does the work of the lanes. */
export type OpenQueue = (work: Pick<JobQueueOptions, 'run' | 'onFailure'>) => Promise<JobQueue>;

/** Runs all lanes of a bridge until its signal says stop. The queue is closed then, all else is the caller's. */
export async function carry(bridge: Bridge, openQueue: OpenQueue): Promise<void> {
  const queue = await openQueue({
    run: async (job) => {
      const lane = laneOf(bridge, job);
      if (!(await mayRun(bridge, lane))) return;
      const startedAtMs = performance.now();
      await bridge.vitals.lane(lane, () => runJob(bridge, job));
      const tookMs = Math.round(performance.now() - startedAtMs);
      bridge.log.debug({ job, tookMs }, `job ${job.kind} done`);
      planner.wake();
    },
    onFailure: (job, error, isLast) => onFailure(bridge, { job, error, isLast }),
  });
  const planner = createPlanner(bridge, (job) => addIfAllowed(bridge, queue, job));
  bridge.log.info('running');
  await Promise.all([
    ...bridge.sides.map((side) => watchHeads(bridge, side, planner.wake)),
    planner.run(),
    sayAlarms(bridge),
    obeyRetries(bridge, { queue, onRetry: planner.wake }),
  ]);
  await queue.close();
}

async function addIfAllowed(bridge: Bridge, queue: JobQueue, job: JobRef): Promise<void> {
  if (await mayRun(bridge, laneOf(bridge, job))) await queue.add(job);
}

interface Failure {
  readonly job: JobRef;
  readonly error: Error;
  readonly isLast: boolean;
}

function onFailure(bridge: Bridge, { job, error, isLast }: Failure): void {
  const { log, signal } = bridge;
  if (error instanceof BridgeError && error.disposition === 'halt') {
    const lane = laneOf(bridge, job);
    log.fatal({ err: error, job }, `lane "${lane}" is HALTED until a restart; see the error`);
  } else if (isLast) {
    log.error({ err: error, job }, `job ${job.kind} failed for good`);
  } else if (!signal.aborted) {
    log.warn({ err: error, job }, `job ${job.kind} failed, trying again`);
  }
}
