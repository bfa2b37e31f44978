import type { Queue } from 'bullmq';
import { pause } from '../pause.ts';
import type { JobStore } from './job-store.ts';

/** A job that whoever gets it has done: it shows that jobs go through the queue. */
export const CANARY_JOB = 'canary';

/** Looks at the queue from outside. */
export interface QueueProbe {
  /** Sends a job through the queue and waits until a worker, of this process or another, has done it, or the signal aborts. */
  sendCanary(signal: AbortSignal): Promise<void>;
  /** How many jobs are in which state. */
  counts(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

const LOOK_MS = 50;
const STATES = ['active', 'waiting', 'delayed', 'failed'] as const;

/** Creates a probe of a store's queue. */
export function createQueueProbe(store: JobStore): QueueProbe {
  const queue: Queue = store.createQueue();
  // BullMQ reconnects by itself; an error nobody hears would end the process.
  queue.on('error', () => undefined);
  let sent = 0;
  return {
    sendCanary: async (signal) => {
      const jobId = `${CANARY_JOB}-${process.pid}-${sent++}`;
      await queue.add(CANARY_JOB, {}, { jobId, removeOnComplete: true, removeOnFail: true });
      while (!signal.aborted && (await queue.getJob(jobId)) !== undefined) {
        await pause(LOOK_MS, signal);
      }
    },
    counts: () => queue.getJobCounts(...STATES),
    close: () => queue.close(),
  };
}
