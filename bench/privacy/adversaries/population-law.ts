import { splitIntoRungs } from '../../../src/protocol/rungs.ts';
import { ETHEREUM, HOUR_SEC, TERMS } from '../market.ts';
import { createCrowd } from '../people.ts';
import { drawAmount, drawWithdrawalDelays, drawWithdrawals } from '../population.ts';
import { createRandom } from '../random.ts';
import type { Mode, PublicView } from '../records.ts';

// What the adversary knows of people without having seen any: the laws by which they were made up.

const SAMPLES = 20_000;
const UNSEEN = 1 / SAMPLES;

/** Shares of the ways among sealed deposits. */
export function sealedShare(
  { modeShares }: PublicView,
  mode: Exclude<Mode, 'transparent'>,
): number {
  const sealed = modeShares.filter(([name]) => name !== 'transparent');
  const sum = sealed.reduce((total, [, share]) => total + share, 0);
  return (sealed.find(([name]) => name === mode)?.[1] ?? 0) / sum;
}

/** How people withdraw from accounts. */
export interface WithdrawalLaw {
  /** Withdrawals expected within an hour, by the hours since the deposit. */
  readonly perHour: Float64Array;
  /** The share of withdrawals that are cut into these parts, descending. */
  shareOf(parts: readonly number[]): number;
}

/** Learns the law of withdrawals from made-up ones. */
export function learnWithdrawals(): WithdrawalLaw {
  const random = createRandom(0, 'what the adversary knows');
  const crowd = createCrowd(9);
  const hours: number[] = [];
  const patterns = new Map<string, number>();
  let count = 0;
  for (let i = 0; i < SAMPLES; i++) {
    for (const delay of drawWithdrawalDelays(random)) {
      const hour = Math.floor(delay / HOUR_SEC);
      hours[hour] = (hours[hour] ?? 0) + 1 / SAMPLES;
    }
    const deposit = { sec: 0, amount: drawAmount(random), from: ETHEREUM };
    for (const { amount } of drawWithdrawals(random, crowd, deposit)) {
      const key = splitIntoRungs(BigInt(amount), TERMS).parts.join('+');
      patterns.set(key, (patterns.get(key) ?? 0) + 1);
      count++;
    }
  }
  return {
    perHour: Float64Array.from(hours, (value) => value ?? 0),
    shareOf: (parts) => Math.max(UNSEEN, (patterns.get(parts.join('+')) ?? 0) / count),
  };
}
