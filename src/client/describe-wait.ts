import type { CrowdFactor } from '../protocol/order.ts';
import { roundEndSec } from '../protocol/rounds.ts';
import { expectedWaitSec, type WaitFacts } from './wait-estimate.ts';

/** What decides how long a payout takes, and what the user was promised. */
export interface WaitTexts extends Omit<WaitFacts, 'pool'> {
  readonly way: 'transparent' | 'direct' | 'pooled';
  readonly pools: { readonly leastRoots: number; readonly meanStayRounds: number };
  readonly crowd: CrowdFactor;
  /** The first round in which a pooled leg may leave, and the last, unless it waits on. */
  readonly notBefore: bigint;
  readonly patience: bigint;
  readonly afterPatience: 'return' | 'wait';
}

/** Different depositors that a pooled leg waits for in its pool, itself counted. */
export function depositorsFor({ pools, crowd }: Pick<WaitTexts, 'pools' | 'crowd'>): number {
  return pools.leastRoots * crowd;
}

/** How long a payout can be expected to take and, of a pooled one, when its patience ends and what follows, each in a line. */
export function describeWait(wait: WaitTexts): string[] {
  const { way, pools, notBefore, ...facts } = wait;
  const isPooled = way === 'pooled';
  const pool = isPooled ? { pool: { meanStayRounds: pools.meanStayRounds, notBefore } } : {};
  const seconds = formatDuration(expectedWaitSec({ ...facts, ...pool }));
  const floor = isPooled
    ? `, or until ${depositorsFor(wait)} depositors are in the pool if they are not yet`
    : '';
  const expected = `expected wait about ${seconds}${floor}, and the time both chains need to be final`;
  return isPooled ? [expected, describePatience(wait)] : [expected];
}

function describePatience({ schedule, patience, afterPatience }: WaitTexts): string {
  const end = `what has not left by ${formatInstant(roundEndSec(schedule, patience))}`;
  return afterPatience === 'return'
    ? `${end} goes back into your account`
    : `${end} waits on, for as long as it takes`;
}

function formatInstant(unixSec: bigint): string {
  const [day, time] = new Date(Number(unixSec) * 1000).toISOString().split(/[T.]/);
  return `${day} ${time} UTC`;
}

/** A length of time in the unit that fits it, rounded down. */
export function formatDuration(seconds: bigint): string {
  if (seconds < 120n) return `${seconds} s`;
  return seconds < 7200n ? `${seconds / 60n} min` : `${seconds / 3600n} h`;
}
