/** How often things are repeated. */
export interface Repeats {
  /** Runs of which the median is taken. */
  readonly runs: number;
  /** A run repeats a short action until it has taken this long. */
  readonly leastRunMs: number;
}

/** What is measured; a promise is awaited. */
export type Action = () => unknown;

/** Milliseconds of one call: the median over the runs. */
export async function measureMs(action: Action, { runs, leastRunMs }: Repeats): Promise<number> {
  const count = await calibrate(action, leastRunMs);
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await timeOf(action, count));
  return median(times);
}

/** Two ways to do the same, beside each other. */
export interface Comparison {
  readonly oursMs: number;
  readonly peerMs: number;
  /** The median of the ratios of neighbouring runs, so that what slows both down cancels out. */
  readonly ratio: number;
}

/** Measures two actions in turns. */
export async function compare(
  ours: Action,
  peer: Action,
  { runs, leastRunMs }: Repeats,
): Promise<Comparison> {
  const [oursCount, peerCount] = [
    await calibrate(ours, leastRunMs),
    await calibrate(peer, leastRunMs),
  ];
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0; i < runs; i++) {
    pairs.push([await timeOf(ours, oursCount), await timeOf(peer, peerCount)]);
  }
  return {
    oursMs: median(pairs.map(([a]) => a)),
    peerMs: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  };
}

/** The middle of the values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** How many calls make a run, after enough of them to warm up. */
async function calibrate(action: Action, leastRunMs: number): Promise<number> {
  for (let count = 1; ; count *= 2) {
    const total = count * (await timeOf(action, count));
    if (total >= leastRunMs) return count;
  }
}

/** Milliseconds of processor time of this thread, so that whatever else runs on the machine does not enter; in steps of about four. */
export async function cpuMs(action: Action): Promise<number> {
  return timeOf(action, 1);
}

/**
 * The same to some microseconds. The system brings the time of a thread up to date every few milliseconds: so it begins just after one
 * of these moments, and what is waited for the one behind the end is taken off.
 */
export async function exactCpuMs(action: Action): Promise<number> {
  const start = waitForUpdate();
  const result = action();
  if (result instanceof Promise) await result;
  const end = waitForUpdate();
  return end.atMs - start.atMs - end.waitedMs;
}

/** Between two looks at the clock; what is longer is time in which the thread did not run. */
const MOST_LOOK_MS = 0.1;

/** Waits until the processor time of this thread is brought up to date: what it is then, and what of it the wait took. */
function waitForUpdate(): { readonly atMs: number; readonly waitedMs: number } {
  const before = threadMs();
  let [lastMs, waitedMs] = [performance.now(), 0];
  for (;;) {
    const atMs = threadMs();
    const nowMs = performance.now();
    if (nowMs - lastMs < MOST_LOOK_MS) waitedMs += nowMs - lastMs;
    lastMs = nowMs;
    if (atMs !== before) return { atMs, waitedMs };
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function timeOf(action: Action, count: number): Promise<number> {
  const startMs = threadMs();
  for (let i = 0; i < count; i++) {
    const result = action();
    if (result instanceof Promise) await result;
  }
  return (threadMs() - startMs) / count;
}
