import { BridgeError } from '../shared/errors.ts';

/** How a lane stands: one kind of work for one chain, light client or enclave. */
export interface LaneVitals {
  /** `watch ethereum`, `release polkadot`, `commit`. */
  readonly name: string;
  /** `halted`: it does nothing until a restart. */
  readonly state: 'working' | 'resting' | 'failing' | 'halted';
  /** Milliseconds since it last did what it is for; undefined before the first time. */
  readonly sinceDoneMs: number | undefined;
  /** How often it has failed since then. */
  readonly failures: number;
  /** Code of the last failure, while there is one. */
  readonly failedWith: string | undefined;
}

/** Something that is awaited now. */
export interface WaitVitals {
  readonly name: string;
  readonly forMs: number;
  readonly deadlineMs: number;
}

interface Lane {
  working: number;
  doneAtMs: number | undefined;
  failures: number;
  failedWith: string | undefined;
  isHalted: boolean;
}

interface Wait {
  readonly name: string;
  readonly sinceMs: number;
  readonly deadlineMs: number;
}

/**
 * What this process is doing: how each of its lanes stands, and what it waits for and since when. Kept in memory, measured on a clock
 * that only goes forward.
 */
export class Vitals {
  readonly #nowMs: () => number;
  readonly #lanes = new Map<string, Lane>();
  readonly #waits = new Set<Wait>();

  /** @param nowMs a monotonic clock, in milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Does a piece of a lane's work and notes how it ended. */
  async lane<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#laneOf(name);
    lane.working += 1;
    try {
      const result = await work();
      Object.assign(lane, { doneAtMs: this.#nowMs(), failures: 0, failedWith: undefined });
      return result;
    } catch (error) {
      lane.failures += 1;
      lane.failedWith = error instanceof BridgeError ? error.code : 'RELAYER_UNEXPECTED';
      lane.isHalted ||= error instanceof BridgeError && error.disposition === 'halt';
      throw error;
    } finally {
      lane.working -= 1;
    }
  }

  /** Whether a lane has met what it must not go on after. */
  isHalted(name: string): boolean {
    return this.#lanes.get(name)?.isHalted ?? false;
  }

  /** All lanes that have ever worked, by name. */
  lanes(): LaneVitals[] {
    const nowMs = this.#nowMs();
    const names = [...this.#lanes.keys()].sort();
    return names.map((name) => {
      const lane = this.#laneOf(name);
      const sinceDoneMs = lane.doneAtMs === undefined ? undefined : nowMs - lane.doneAtMs;
      const { failures, failedWith } = lane;
      return { name, state: stateOf(lane), sinceDoneMs, failures, failedWith };
    });
  }

  /**
   * Awaits `work` for no longer than its deadline; the signal that it gets aborts then. What it comes to later is heard by nobody.
   *
   * @throws {WaitLate} RELAYER_WAIT_LATE
   */
  async wait<T>(
    name: string,
    deadlineMs: number,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const wait = { name, sinceMs: this.#nowMs(), deadlineMs };
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new WaitLate({ waitedFor: name, deadlineMs });
        abort.abort(error);
        reject(error);
      }, deadlineMs);
    });
    this.#waits.add(wait);
    try {
      return await Promise.race([work(abort.signal), late]);
    } finally {
      clearTimeout(timer);
      this.#waits.delete(wait);
    }
  }

  /** All that is awaited now, the longest first. */
  waits(): WaitVitals[] {
    const nowMs = this.#nowMs();
    const waits = [...this.#waits].sort((a, b) => a.sinceMs - b.sinceMs);
    return waits.map(({ name, sinceMs, deadlineMs }) => ({
      name,
      forMs: nowMs - sinceMs,
      deadlineMs,
    }));
  }

  #laneOf(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = {
      working: 0,
      doneAtMs: undefined,
      failures: 0,
      failedWith: undefined,
      isHalted: false,
    };
    this.#lanes.set(name, lane);
    return lane;
  }
}

function stateOf({ isHalted, failures, working }: Lane): LaneVitals['state'] {
  if (isHalted) return 'halted';
  if (failures > 0) return 'failing';
  return working > 0 ? 'working' : 'resting';
}

/** An answer that did not come by its deadline. */
export class WaitLate extends BridgeError<{ waitedFor: string; deadlineMs: number }> {
  readonly code = 'RELAYER_WAIT_LATE';
  readonly disposition = 'retry';
  constructor(meta: { waitedFor: string; deadlineMs: number }) {
    super(`Relayer: ${meta.waitedFor}: no answer in ${meta.deadlineMs} ms.`, meta);
  }
}
