import type { OpenQueue } from '../../src/relayer/carry.ts';
import {
  backoffMs,
  type JobQueueOptions,
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
    for (const job of this.#jobs.values()) {
      if (job.worker === worker) job.runsAtMs ??= this.#time.nowMs + STALLED_MS;
    }
  }

  /** As one run of a relayer works on it. */
  openFor(gate: Gate): OpenQueue {
    return async ({ run, onFailure }) => {
      let running = 0;
      let isOpen = true;
      const work = async (job: Job): Promise<void> => {
        running += 1;
        job.runsAtMs = undefined;
        job.worker = gate;
        job.attempts += 1;
        const error = await run(job.ref).then(
          () => undefined,
          (failure: unknown) => toQueueError(failure),
        );
        running -= 1;
        if (gate.isDead) return;
        if (error === undefined) this.#jobs.delete(jobIdOf(job.ref));
        else this.#fail(job, error, onFailure);
      };
      const look = async (): Promise<void> => {
        while (isOpen && !gate.isDead) {
          for (const job of this.#due().slice(0, CONCURRENT_JOBS - running)) {
            if (this.#isTurnOf(gate)) void work(job);
          }
          await this.#time.sleep(LOOK_MS);
        }
      };
      this.#workers.push(gate);
      void look();
      return {
        add: (ref) =>
          gate.pass({ peer: 'queue', of: 'queue', name: 'add' }, async () => this.#add(ref)),
        retry: async (isMeant) => this.#retry(isMeant),
        close: async () => {
          isOpen = false;
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

  #fail(job: Job, error: Error, onFailure: JobQueueOptions['onFailure']): void {
    const { nowMs } = this.#time;
    const isFinal = error.cause instanceof BridgeError;
    const isLast = isFinal || job.attempts >= ATTEMPTS;
    job.runsAtMs = isLast ? Number.POSITIVE_INFINITY : nowMs + backoffMs(job.attempts);
    if (isLast) job.failedAtMs = nowMs;
    onFailure(job.ref, isFinal ? (error.cause as Error) : error, isLast);
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
