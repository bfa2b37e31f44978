import { type Job, type Queue, UnrecoverableError, type Worker } from 'bullmq';
import { BridgeError } from '../../shared/errors.ts';
import { UnexpectedError } from '../unexpected-error.ts';
import type { JobStore } from './job-store.ts';
import { CANARY_JOB } from './queue-probe.ts';

/** What jobs do. A job carries the kind and one id, never an envelope, an address or an amount. */
export type JobKind = 'follow' | 'prove' | 'commit' | 'confirm' | 'reveal' | 'release' | 'snapshot';

/** One piece of work: safe to run twice, since its truth is in the chains, the enclave and the journal. */
export interface JobRef {
  readonly kind: JobKind;
  /** A chain id, the anchor's where it is of the bridge, or the name of a light client. */
  readonly id: string;
  /** Name of the enclave that it is for, if it is for one. */
  readonly enclave?: string;
}

export interface JobQueueOptions {
  readonly store: JobStore;
  /** Does the work. */
  run(job: JobRef): Promise<void>;
  /** Hears of every attempt that failed; `isLast` if the job is not tried again. */
  onFailure(job: JobRef, error: Error, isLast: boolean): void;
  /** Hears of what goes wrong with the queue itself, which goes on by itself; each time that it does. */
  onTrouble?(error: Error): void;
  /** How long a job that failed for good keeps its like from being added. */
  readonly failedKeptMs?: number;
}

/** Work waiting to be done. Losing it loses nothing: it is added again from the journal and the chains. */
export interface JobQueue {
  /** Adds a job unless the same one waits, runs or has lately failed for good. */
  add(job: JobRef): Promise<void>;
  /** Forgets that some jobs have failed: what waits to be tried again is tried now, what has failed for good may be added. */
  retry(isMeant: (job: JobRef) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** More than there are lanes: those that hang must not keep the others from working. */
const CONCURRENT_JOBS = 128;
const ATTEMPTS = 20;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8000;
const FAILED_KEPT_MS = 20_000;

/** Creates the queue and starts to work on it. @throws what the store refuses it with; nothing is left running then */
export async function createJobQueue(options: JobQueueOptions): Promise<JobQueue> {
  const { store, run, onFailure, failedKeptMs = FAILED_KEPT_MS } = options;
  const queue: Queue = store.createQueue();
  const worker: Worker = store.createWorker((job) => runOnce(job, run), {
    concurrency: CONCURRENT_JOBS,
    settings: { backoffStrategy: backoffMs },
  });
  // BullMQ goes on by itself; an error nobody hears would end the process.
  const hear = (error: Error) => options.onTrouble?.(error);
  queue.on('error', hear);
  worker.on('error', hear);
  const pauses = new Pauses(failedKeptMs);
  worker.on('failed', (job, error) => {
    if (job === undefined) return;
    const isLast = error instanceof UnrecoverableError || job.attemptsMade >= ATTEMPTS;
    pauses.begin(jobIdOf(refOf(job)), isLast ? failedKeptMs : backoffMs(job.attemptsMade));
    onFailure(refOf(job), causeOf(error), isLast);
  });
  const close = async () => {
    await worker.close();
    await queue.close();
  };
  try {
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  } catch (error) {
    await close();
    throw error;
  }
  const add = async ({ kind, ...data }: JobRef, jobId: string) => {
    await endPause(queue, jobId, pauses);
    await queue.add(kind, data, {
      jobId,
      attempts: ATTEMPTS,
      backoff: { type: 'custom' },
      removeOnComplete: true,
    });
  };
  const adding = new Map<string, Promise<void>>();
  return {
    add: async (job) => {
      const jobId = jobIdOf(job);
      // While its server is away the queue keeps all that it is asked: whoever tries again must not add to it.
      const open = adding.get(jobId) ?? add(job, jobId).finally(() => adding.delete(jobId));
      adding.set(jobId, open);
      await open;
    },
    retry: async (isMeant) => {
      for (const job of await queue.getDelayed()) if (isMeant(refOf(job))) await job.promote();
      for (const job of await queue.getFailed()) if (isMeant(refOf(job))) await job.remove();
    },
    close,
  };
}

/**
 * Until when jobs that have failed are left alone, by a clock that only goes forward: BullMQ's own delays are instants of the day, and a
 * clock that is set back would hold a payout for as long.
 */
class Pauses {
  readonly #unknownMs: number;
  readonly #endsAtMs = new Map<string, number>();

  /** @param unknownMs how long a failure is left alone that another process has met */
  constructor(unknownMs: number) {
    this.#unknownMs = unknownMs;
  }

  begin(jobId: string, forMs: number): void {
    this.#endsAtMs.set(jobId, performance.now() + forMs);
  }

  /** Whether the pause is over; it is forgotten then. */
  isOver(jobId: string): boolean {
    const endsAtMs = this.#endsAtMs.get(jobId);
    if (endsAtMs === undefined) this.begin(jobId, this.#unknownMs);
    if (endsAtMs === undefined || performance.now() < endsAtMs) return false;
    return this.#endsAtMs.delete(jobId);
  }
}

/** A job that has failed and is wanted again runs now, or makes room for its like, if its pause is over. */
async function endPause(queue: Queue, jobId: string, pauses: Pauses): Promise<void> {
  const job = await queue.getJob(jobId);
  if (job?.failedReason === undefined || !pauses.isOver(jobId)) return;
  if (job.finishedOn !== undefined) await job.remove();
  else if (await job.isDelayed()) await job.promote();
}

/** BullMQ wants no ':' in a job's id, and not digits only. */
export function jobIdOf({ kind, id, enclave }: JobRef): string {
  const name = enclave === undefined ? `${kind}-${id}` : `${kind}-${id}-${enclave}`;
  return name.replaceAll(':', '-');
}

/** Doubles from {@link FIRST_BACKOFF_MS} up to {@link MAX_BACKOFF_MS}. */
export function backoffMs(attemptsMade: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (attemptsMade - 1), MAX_BACKOFF_MS);
}

async function runOnce(job: Job, run: (job: JobRef) => Promise<void>): Promise<void> {
  if (job.name === CANARY_JOB) return;
  try {
    await run(refOf(job));
  } catch (error) {
    throw toQueueError(error);
  }
}

/** The one place where a disposition becomes BullMQ's way to say it. */
export function toQueueError(error: unknown): Error {
  const known = error instanceof BridgeError ? error : new UnexpectedError(error);
  if (known.disposition === 'retry') return known;
  const final = new UnrecoverableError(known.message);
  final.cause = known;
  return final;
}

function causeOf(error: Error): Error {
  return error instanceof UnrecoverableError && error.cause instanceof Error ? error.cause : error;
}

function refOf(job: Job): JobRef {
  const data = job.data as Omit<JobRef, 'kind'>;
  return { kind: job.name as JobKind, ...data };
}
