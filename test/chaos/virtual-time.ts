import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';

interface Timer {
  readonly id: number;
  readonly atMs: number;
  run(): void;
}

/**
 * The only clock of a simulated world: it goes on when it is told to. While it is installed, timers and clocks of this process are its
 * own, so that code which waits for minutes is through in no time.
 */
export class VirtualTime {
  /** Milliseconds since the world began; only goes forward. */
  nowMs = 0;
  /** What the wall clock is ahead of that, and may be set to: milliseconds. */
  wallAheadMs: number;
  #nextId = 1;
  #timers = new Map<number, Timer>();
  #restore: () => void = () => undefined;

  /** @param startMs the wall clock at the beginning, milliseconds of Unix time */
  constructor(startMs: number) {
    this.wallAheadMs = startMs;
  }

  /** Puts itself in the place of this process's timers and clocks. */
  install(): void {
    const { setTimeout, clearTimeout } = globalThis;
    const { now: dateNow } = Date;
    const { random } = Math;
    const { setTimeout: sleep } = timersPromises;
    globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.#timeout(ms, () => run(...args))) as unknown as typeof globalThis.setTimeout;
    globalThis.clearTimeout = ((timer: { readonly id?: number } | undefined) => {
      if (timer?.id !== undefined) this.#timers.delete(timer.id);
    }) as typeof globalThis.clearTimeout;
    Date.now = () => this.wallAheadMs + this.nowMs;
    performance.now = () => this.nowMs;
    let drawn = 1;
    // What a schedule comes to follows from its number alone: Park and Miller's numbers are as good as any.
    Math.random = () => {
      drawn = (drawn * 48_271) % (2 ** 31 - 1);
      return drawn / (2 ** 31 - 1);
    };
    timersPromises.setTimeout = ((ms: number, value: unknown, options?: Stoppable) =>
      this.sleep(ms, options).then(() => value)) as typeof timersPromises.setTimeout;
    syncBuiltinESMExports();
    this.#restore = () => {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      Date.now = dateNow;
      Math.random = random;
      Reflect.deleteProperty(performance, 'now');
      timersPromises.setTimeout = sleep;
      syncBuiltinESMExports();
    };
  }

  /** Gives timers and clocks back. */
  restore(): void {
    this.#restore();
  }

  /** Waits until the clock has gone on by so much. */
  sleep(ms: number, { signal }: Stoppable = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(new DOMException('aborted', 'AbortError'));
      if (signal?.aborted) return stop();
      const { id } = this.#timeout(ms, resolve);
      signal?.addEventListener('abort', () => this.#timers.delete(id) && stop(), { once: true });
    });
  }

  /** Forgets all timers: whoever set them is gone. */
  dropTimers(): void {
    this.#timers.clear();
  }

  /** When the next timer is due; infinitely far away without any. */
  nextAtMs(): number {
    return Math.min(...[...this.#timers.values()].map(({ atMs }) => atMs));
  }

  /** Goes on to an instant that lies ahead, and runs what is due then, the earliest first. */
  advanceTo(ms: number): void {
    this.nowMs = Math.max(this.nowMs, ms);
    const due = [...this.#timers.values()].filter(({ atMs }) => atMs <= this.nowMs);
    for (const { id, run } of due.sort((a, b) => a.atMs - b.atMs || a.id - b.id)) {
      if (this.#timers.delete(id)) run();
    }
  }

  #timeout(ms: number, run: () => void) {
    const id = this.#nextId++;
    this.#timers.set(id, { id, atMs: this.nowMs + Math.max(1, ms), run });
    const timer = { id, ref: () => timer, unref: () => timer, hasRef: () => true };
    return timer;
  }
}

interface Stoppable {
  readonly signal?: AbortSignal;
}
