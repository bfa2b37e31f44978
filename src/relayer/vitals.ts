import { setImmediate as afterReading } from 'node:timers';
import { BridgeError } from '../shared/errors.ts';
import { codeOf, whereExplained } from './unexpected-error.ts';

/** How a lane stands: one kind of work for one chain, light client or enclave. */
export interface LaneVitals {
  /** `watch ethereum`, `release polkadot`, `commit`. */
  readonly name: string;
  /** `halted`: it does nothing until somebody has it tried again, or a restart. */
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

/** What somebody has to look at: it does not mend itself, or has not for too long. */
export interface AlarmVitals {
  /** The lane, or what else it is about. */
  readonly name: string;
  /** As in docs/errors.md. */
  readonly code: string;
  /** What is wrong, and what to do. */
  readonly sentence: string;
  /** Milliseconds since it was raised. */
  readonly sinceMs: number;
}

interface Lane {
  working: number;
  doneAtMs: number | undefined;
  failures: number;
  failedWith: string | undefined;
  failingSinceMs: number;
  failedAtMs: number;
  /** What it has halted after. */
  halt: BridgeError | undefined;
}

interface Alarm {
  readonly code: string;
  readonly sentence: string;
  /** Milliseconds that it may be raised before anybody hears of it. */
  readonly patienceMs?: number;
}

interface Wait {
  readonly name: string;
  readonly sinceMs: number;
  readonly deadlineMs: number;
  end(error: unknown): void;
}

/** How long a lane may fail before that is an alarm: what is tried again for longer is not cured by trying. */
const LANE_PATIENCE_MS = 300_000;
/** After so long without another attempt nobody wants its work any more, for another relayer may have done it: longer than any pause between attempts. */
const WANTED_MS = 120_000;

/** What vitals are measured with. */
export interface VitalsOptions {
  /** A monotonic clock, in milliseconds. */
  readonly nowMs?: () => number;
  /** Ends all waits when it aborts, with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * What this process is doing: how each of its lanes stands, and what it waits for and since when. Kept in memory, measured on a clock
 * that only goes forward.
 */
export class Vitals {
  readonly #nowMs: () => number;
  readonly #lanes = new Map<string, Lane>();
  readonly #waits = new Set<Wait>();
  readonly #alarms = new Map<string, Alarm & { readonly raisedAtMs: number }>();

  readonly #signal: AbortSignal | undefined;

  constructor({ nowMs = () => performance.now(), signal }: VitalsOptions = {}) {
    this.#nowMs = nowMs;
    this.#signal = signal;
    signal?.addEventListener('abort', () => {
      for (const { end } of this.#waits) end(signal.reason);
    });
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
      this.noteFailure(name, error);
      throw error;
    } finally {
      lane.working -= 1;
    }
  }

  /** Notes that a lane cannot do its work, also where it has not come to begin with it. */
  noteFailure(name: string, error: unknown): void {
    const lane = this.#laneOf(name);
    lane.failedAtMs = this.#nowMs();
    if (lane.failures === 0) lane.failingSinceMs = lane.failedAtMs;
    lane.failures += 1;
    lane.failedWith = codeOf(error);
    if (error instanceof BridgeError && error.disposition === 'halt') lane.halt ??= error;
  }

  /** Whether a lane has met what it must not go on after. */
  isHalted(name: string): boolean {
    return this.#lanes.get(name)?.halt !== undefined;
  }

  /** What lanes have halted after, by the lane's name. */
  halts(): ReadonlyMap<string, BridgeError> {
    const all = [...this.#lanes].flatMap(([name, { halt }]) =>
      halt === undefined ? [] : [[name, halt] as const],
    );
    return new Map(all);
  }

  /** Forgets that lanes have failed, or halted: an operator has seen to what was wrong. */
  retry(isMeant: (name: string) => boolean): void {
    for (const [name, lane] of this.#lanes) {
      if (isMeant(name))
        Object.assign(lane, { failures: 0, failedWith: undefined, halt: undefined });
    }
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
   * @throws {WaitLate} RELAYER_WAIT_LATE @throws the reason of the signal that ends all waits
   */
  async wait<T>(
    name: string,
    deadlineMs: number,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.#signal?.throwIfAborted();
    const { promise: ended, reject: end } = Promise.withResolvers<never>();
    const wait = { name, sinceMs: this.#nowMs(), deadlineMs, end };
    const abort = new AbortController();
    const giveUp = () => end(new WaitLate({ waitedFor: name, deadlineMs }));
    // What has come while this process was busy or stopped itself is read between the two.
    const timer = setTimeout(() => afterReading(giveUp), deadlineMs);
    this.#waits.add(wait);
    try {
      return await Promise.race([work(abort.signal), ended]);
    } catch (error) {
      abort.abort(error);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#waits.delete(wait);
    }
  }

  /** Shows what has a deadline of its own, for as long as it takes: an end of it that is not its own would leave open what it has done. */
  async show<T>(name: string, deadlineMs: number, work: () => Promise<T>): Promise<T> {
    const wait = { name, sinceMs: this.#nowMs(), deadlineMs, end: () => undefined };
    this.#waits.add(wait);
    try {
      return await work();
    } finally {
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

  /** Raises an alarm, or keeps it raised. It stays until it is cleared. */
  alarm(name: string, alarm: Alarm): void {
    const raisedAtMs = this.#alarms.get(name)?.raisedAtMs ?? this.#nowMs();
    this.#alarms.set(name, { ...alarm, raisedAtMs });
  }

  /** What the alarm was about is over; nothing if it was not raised. */
  clear(name: string): void {
    this.#alarms.delete(name);
  }

  /** All alarms, by name: those that were raised, and the lanes that are halted or have failed for five minutes. */
  alarms(): AlarmVitals[] {
    const nowMs = this.#nowMs();
    const raised = [...this.#alarms].flatMap(([name, alarm]) => {
      const { code, sentence, patienceMs = 0, raisedAtMs } = alarm;
      const sinceMs = nowMs - raisedAtMs - patienceMs;
      return sinceMs < 0 ? [] : [{ name, code, sentence, sinceMs }];
    });
    const ofLanes = [...this.#lanes].flatMap(([name, lane]) => laneAlarm(name, lane, nowMs));
    return [...raised, ...ofLanes].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #laneOf(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = {
      working: 0,
      doneAtMs: undefined,
      failures: 0,
      failedWith: undefined,
      failingSinceMs: 0,
      failedAtMs: 0,
      halt: undefined,
    };
    this.#lanes.set(name, lane);
    return lane;
  }
}

function stateOf({ halt, failures, working }: Lane): LaneVitals['state'] {
  if (halt !== undefined) return 'halted';
  if (failures > 0) return 'failing';
  return working > 0 ? 'working' : 'resting';
}

function laneAlarm(name: string, lane: Lane, nowMs: number): AlarmVitals[] {
  const { failures, failedWith: code, failingSinceMs, failedAtMs, working, halt } = lane;
  if (failures === 0 || code === undefined) return [];
  const failingMs = nowMs - failingSinceMs;
  const seeWhy = `see ${whereExplained(code)}`;
  if (halt !== undefined) {
    const sentence = `the lane has halted until \`veilspan relayer retry "${name}"\` or a restart; ${seeWhy}`;
    return [{ name, code, sentence, sinceMs: failingMs }];
  }
  if (working === 0 && nowMs - failedAtMs > WANTED_MS) return [];
  const sinceMs = failingMs - LANE_PATIENCE_MS;
  const sentence = `the lane does nothing but fail, and trying again has not cured it; ${seeWhy}`;
  return sinceMs < 0 ? [] : [{ name, code, sentence, sinceMs }];
}

/** An answer that did not come by its deadline. */
export class WaitLate extends BridgeError<{ waitedFor: string; deadlineMs: number }> {
  readonly code = 'RELAYER_WAIT_LATE';
  readonly disposition = 'retry';
  constructor(meta: { waitedFor: string; deadlineMs: number }) {
    super(`Relayer: ${meta.waitedFor}: no answer in ${meta.deadlineMs} ms.`, meta);
  }
}
