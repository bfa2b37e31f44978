import type { OpenQueue } from '../../src/relayer/carry.ts';
import {
  backoffMs,
  type JobRef,
  jobIdOf,
  toQueueError,
} from '../../src/relayer/queue/job-queue.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import type { Gate } from './gate.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Job {
  readonly ref: JobRef;
  attempts: number;
  /** When it may run; undefined while it does. */
  runsAtMs: number | undefined;
  /** Who works on it, or did last. */
  worker?: Gate;
  /** When it failed for good. */
  failedAtMs?: number;
}

/** How the work on a job has ended. */
interface Ending {
  /** Undefined if it is done. */
  readonly error: Error | undefined;
  readonly gate: Gate;
}

const CONCURRENT_JOBS = 128;
const ATTEMPTS = 20;
const FAILED_KEPT_MS = 20_000;
/** After so long a job whose worker is gone runs again. */
const STALLED_MS = 30_000;
/** How often a worker looks for what is due. */
const LOOK_MS = 100;

/** Jobs as BullMQ keeps them: outside the relayer, by id, tried again with growing waits. */
export class SimulatedQueue {
  readonly #time: VirtualTime;
  readonly #told = new Set<string>();
  /** Whoever waits for jobs, the one that has waited for longest first: they take turns. */
  readonly #workers: Gate[] = [];
  #jobs = new Map<string, Job>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** All that waits is gone, as with a Redis that kept nothing. */
  lose(): void {
    this.#jobs.clear();
  }

  /** All that it was ever given, as text. */
  contents(): string {
    return [...this.#told].join('\n');
  }

  /** One of those that work on it is no more. */
  abandon(worker: Gate): void {
    for (const job of this.#jobs.values()) this.#stall(job, worker);
  }

  /** As one run of a relayer works on it. */
  openFor(gate: Gate): OpenQueue {
    const ask = <T>(name: string, answer: () => T): Promise<T> =>
      gate.pass({ peer: 'queue', of: 'queue', name }, async () => answer());
    return async ({ run, onFailure, onTrouble }) => {
      const busy = new Set<Job>();
      let isOpen = true;
      const work = async (job: Job): Promise<void> => {
        await ask('take', () => undefined);
        const error = await run(job.ref).then(
          () => undefined,
          (failure: unknown) => toQueueError(failure),
        );
        const { isLast } = await ask('end', () => this.#end(job, { error, gate }));
        if (error === undefined) return;
        const isFinal = error.cause instanceof BridgeError;
        onFailure(job.ref, isFinal ? (error.cause as Error) : error, isLast);
      };
      const begin = (job: Job) => {
        busy.add(job);
        // Who takes it is settled at once, whatever becomes of the word of it: another has its turn next.
        this.#take(job, gate);
        const lost = (error: unknown) => {
          this.#stall(job, gate);
          onTrouble?.(error as Error);
        };
        void work(job)
          .catch(lost)
          .finally(() => busy.delete(job));
      };
      const look = async (): Promise<void> => {
        while (isOpen && !gate.isDead) {
          const due = this.#due().filter((job) => !busy.has(job));
          for (const job of due.slice(0, CONCURRENT_JOBS - busy.size)) {
            if (this.#isTurnOf(gate)) begin(job);
          }
          await this.#time.sleep(LOOK_MS);
        }
      };
      await ask('open', () => undefined);
      this.#workers.push(gate);
      void look();
      return {
        add: (ref) => ask('add', () => this.#add(ref)),
        retry: (isMeant) => ask('retry', () => this.#retry(isMeant)),
        close: async () => {
          isOpen = false;
          this.#workers.splice(this.#workers.indexOf(gate), 1);
          while (busy.size > 0) await this.#time.sleep(LOOK_MS);
          await ask('close', () => undefined);
        },
      };
    };
  }

  #isTurnOf(gate: Gate): boolean {
    const { nowMs } = this.#time;
    const next = this.#workers.find((each) => !each.isDead && each.stalledUntilMs <= nowMs);
    if (next !== gate) return false;
    this.#workers.splice(this.#workers.indexOf(gate), 1);
    this.#workers.push(gate);
    return true;
  }

  #take(job: Job, worker: Gate): void {
    job.runsAtMs = undefined;
    job.worker = worker;
    job.attempts += 1;
  }

  /** Whoever works on it does not say so any more. */
  #stall(job: Job, worker: Gate): void {
    if (job.worker === worker) job.runsAtMs ??= this.#time.nowMs + STALLED_MS;
  }

  /** @throws another works on it now, since this one was silent for too long */
  #end(job: Job, { error, gate }: Ending): { readonly isLast: boolean } {
    if (job.worker !== gate || job.runsAtMs !== undefined) throw new Error('Missing lock for job');
    const isLast = error?.cause instanceof BridgeError || job.attempts >= ATTEMPTS;
    if (error === undefined) {
      if (this.#jobs.get(jobIdOf(job.ref)) === job) this.#jobs.delete(jobIdOf(job.ref));
    } else this.#fail(job, isLast);
    return { isLast };
  }

  #fail(job: Job, isLast: boolean): void {
    const { nowMs } = this.#time;
    job.runsAtMs = isLast ? Number.POSITIVE_INFINITY : nowMs + backoffMs(job.attempts);
    if (isLast) job.failedAtMs = nowMs;
  }

  #retry(isMeant: (ref: JobRef) => boolean): void {
    for (const [id, job] of this.#jobs) {
      if (!isMeant(job.ref) || job.runsAtMs === undefined) continue;
      if (job.failedAtMs === undefined) job.runsAtMs = this.#time.nowMs;
      else this.#jobs.delete(id);
    }
  }

  #due(): Job[] {
    const { nowMs } = this.#time;
    return [...this.#jobs.values()].filter(({ runsAtMs }) => (runsAtMs ?? Infinity) <= nowMs);
  }

  #add(ref: JobRef): void {
    const id = jobIdOf(ref);
    this.#told.add(JSON.stringify(ref));
    const known = this.#jobs.get(id);
    const isOld = this.#time.nowMs - (known?.failedAtMs ?? Infinity) > FAILED_KEPT_MS;
    if (known !== undefined && !isOld) return;
    this.#jobs.set(id, { ref, attempts: 0, runsAtMs: this.#time.nowMs });
  }
}
