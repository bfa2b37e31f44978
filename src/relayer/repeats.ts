/** A failure is another one when it comes again after this long. */
const FORGET_MS = 600_000;
const MAX_KNOWN = 256;

interface Known {
  times: number;
  lastMs: number;
}

/** Tells failures that come again and again from new ones, so that the log has each once and not once a second. */
export class Repeats {
  readonly #nowMs: () => number;
  readonly #known = new Map<string, Known>();

  /** @param nowMs a monotonic clock, in milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Counts one more of `what`. @returns how many there were, if it is the first, second, fourth …; else undefined */
  count(what: string): number | undefined {
    const nowMs = this.#nowMs();
    const before = this.#known.get(what);
    const isOld = before === undefined || nowMs - before.lastMs > FORGET_MS;
    const times = isOld ? 1 : before.times + 1;
    // Last, so that the first of the map is the one that has not come for longest.
    this.#known.delete(what);
    this.#known.set(what, { times, lastMs: nowMs });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return Number.isInteger(Math.log2(times)) ? times : undefined;
  }
}
