import { median } from '../timing.ts';

/** Two rows of times of what should take alike. */
export interface Times {
  readonly ours: readonly number[];
  readonly others: readonly number[];
}

/** What can be said of them. */
export interface Welch {
  /** Welch's t: beyond 4.5 either way the means differ, as good as certainly. */
  readonly t: number;
  readonly oursMs: number;
  readonly othersMs: number;
}

/** Of all times, the share that is looked at: the slowest are those in which something else had the machine. */
const KEPT = 0.9;

/** Compares the means, without the slowest of both together: so what is left out does not depend on whose it is. */
export function welch({ ours, others }: Times): Welch {
  const all = [...ours, ...others].sort((a, b) => a - b);
  const most = all[Math.ceil(all.length * KEPT) - 1] ?? Number.POSITIVE_INFINITY;
  const [a, b] = [ours, others].map((times) => describe(times.filter((ms) => ms <= most)));
  if (a === undefined || b === undefined) throw new Error('nothing was measured');
  const t = (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);
  return { t, oursMs: median(ours), othersMs: median(others) };
}

function describe(values: readonly number[]) {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, variance: squares / (count - 1) };
}
