/** With fewer measurements a percentile would be chance. */
export const LEAST_SAMPLES = 20;
/** With fewer there is no hundredth. */
const LEAST_FOR_P99 = 100;

/** What measurements say; undefined what they are too few for. */
export interface Percentiles {
  readonly samples: number;
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
}

/** Percentiles of measurements in any order: of `p` the least value that at least that share does not exceed. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const samples = sorted.length;
  const at = (share: number, least: number) =>
    samples < least ? undefined : sorted[Math.ceil(share * samples) - 1];
  return {
    samples,
    p50: at(0.5, LEAST_SAMPLES),
    p90: at(0.9, LEAST_SAMPLES),
    p99: at(0.99, LEAST_FOR_P99),
  };
}

/**
 * What is left to wait for somebody who has waited for `elapsed` already: of those before, only who waited longer can tell.
 *
 * @param durations whole waits, in the unit of `elapsed`
 */
export function percentilesLeft(durations: readonly number[], elapsed: number): Percentiles {
  return percentilesOf(
    durations.filter((duration) => duration > elapsed).map((duration) => duration - elapsed),
  );
}
