import type { Allowance } from '../../chains/shared/call-budget.ts';
import type { Side } from '../bridge.ts';

/** For so long every batch of a gateway is given the utmost after one had too little, in milliseconds. */
const WARY_MS = 3_600_000;

interface Experience {
  /** First release of the batch that failed last in its block. */
  failed?: bigint | undefined;
  /** By the clock that only goes forward. */
  waryUntilMs: number;
}

/** Forgotten at a restart: then one more batch may fail. */
const experiences = new WeakMap<Side, Experience>();

/** A batch that the gateway waits for has failed in its block. */
export function noteFailed(side: Side, firstIndex: bigint): void {
  experiences.set(side, { waryUntilMs: 0, ...experiences.get(side), failed: firstIndex });
}

/**
 * What a gateway's batches are given, now that the one at `firstIndex` was tried and found good. SECURITY: a recipient with code can take little
 * whenever it is tried and much in a block, so that its batch runs out and those behind it fail with it. Given the utmost it cannot; and as it
 * may be in any batch, all of them are given that for an hour: being in a batch buys one failure an hour and no more.
 */
export function allowanceOf(side: Side, firstIndex: bigint): Allowance {
  const experience = experiences.get(side);
  if (experience === undefined) return 'usual';
  const nowMs = performance.now();
  if (experience.failed === firstIndex) experience.waryUntilMs = nowMs + WARY_MS;
  experience.failed = undefined;
  return nowMs < experience.waryUntilMs ? 'utmost' : 'usual';
}
