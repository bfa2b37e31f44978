import { BridgeError } from '../shared/errors.ts';
import { type Bridge, RelayerError } from './bridge.ts';
import { laneOf, mayRun, requireLead } from './lanes.ts';
import { obeyRetries } from './obey-retries.ts';
import { pause } from './pause.ts';
import { createPlanner } from './planner.ts';
import type { JobQueue, JobQueueOptions, JobRef } from './queue/job-queue.ts';
import { runJob } from './run-job.ts';
import { sayAlarms } from './say-alarms.ts';
import { watchHeads } from './watch/watch-heads.ts';

/** Opens the queue that does the work of the lanes. */
export type OpenQueue = (
  work: Pick<JobQueueOptions, 'run' | 'onFailure' | 'onTrouble'>,
) => Promise<JobQueue>;

/** Runs all lanes of a bridge until its signal says stop. The queue is closed then, all else is the caller's. */
export async function carry(bridge: Bridge, openQueue: OpenQueue): Promise<void> {
  const queue = await openQueue({
    run: async (job) => {
      const lane = laneOf(bridge, job);
      if (!(await mayRun(bridge, lane))) return;
      if (!(await leadsFor(bridge, job))) {
        void passOn(bridge, queue, job);
        return;
      }
      const startedAtMs = performance.now();
      await bridge.vitals.lane(lane, () => runJob(bridge, job));
      const tookMs = Math.round(performance.now() - startedAtMs);
      bridge.log.debug({ job, tookMs }, `job ${job.kind} done`);
      planner.wake();
    },
    onFailure: (job, error, isLast) => onFailure(bridge, { job, error, isLast }),
    onTrouble: (err) => {
      if (!bridge.signal.aborted) bridge.log.warn({ err }, 'the queue has failed at something');
    },
  });
  const planner = createPlanner(bridge, (job) => addIfAllowed(bridge, queue, job));
  bridge.log.info('running');
  await Promise.all([
    ...bridge.sides.map((side) => watchHeads(bridge, side, planner.wake)),
    planner.run(),
    sayAlarms(bridge),
    obeyRetries(bridge, { queue, onRetry: planner.wake }),
  ]);
  // The work is over: what a queue that does not answer any more has of it is found as after a crash.
  await queue.close().catch((err: unknown) => bridge.log.warn({ err }, 'cannot close the queue'));
}

async function addIfAllowed(bridge: Bridge, queue: JobQueue, job: JobRef): Promise<void> {
  if (bridge.vitals.isHalted(laneOf(bridge, job))) return;
  if (await leadsFor(bridge, job)) await queue.add(job);
}

/** After at most so long a job of another process's account is in the queue again. */
const PASS_ON_MS = 1000;

/**
 * Puts a job that came to a process whose account it is not for back into the queue. A job that failed would wait, and one that was left to
 * be found again would come to the wrong process each time where two processes lead an account each: a queue serves its workers in turn, so
 * two jobs that come one after the other stay with whom they came to. The instant is drawn, so that they change places.
 */
async function passOn({ signal, log }: Bridge, queue: JobQueue, job: JobRef): Promise<void> {
  await pause(Math.random() * PASS_ON_MS, signal);
  if (signal.aborted) return;
  // Whoever leads finds it again in any case.
  await queue.add(job).catch((err) => log.debug({ err, job }, 'a job is not passed on'));
}

/** Whether the accounts that a job is to use are this process's; it takes them if they are nobody else's. */
async function leadsFor(bridge: Bridge, job: JobRef): Promise<boolean> {
  try {
    await requireLead(bridge, job);
    return true;
  } catch (error) {
    if (!isOthers(error)) throw error;
    bridge.log.debug({ job }, 'another process leads the account; the job is left to it');
    return false;
  }
}

/** Whether a job is for the process that leads an account, which is another one. */
function isOthers(error: unknown): boolean {
  return error instanceof RelayerError && error.code === 'RELAYER_NOT_LEADING';
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
    const what = `lane "${lane}" is HALTED; see the error, and then \`veilspan relayer retry ${lane}\``;
    log.fatal({ err: error, job }, what);
  } else if (isOthers(error)) {
    log.debug({ job }, 'another process leads the account; the job waits for it');
  } else if (isLast) {
    log.error({ err: error, job }, `job ${job.kind} failed for good`);
  } else if (!signal.aborted) {
    log.warn({ err: error, job }, `job ${job.kind} failed, trying again`);
  }
}
