import { splitIntoRungs } from '../../../src/protocol/rungs.ts';
import { ETHEREUM, HOUR_SEC, TERMS } from '../market.ts';
import { createCrowd } from '../people.ts';
import {
  drawAmount,
  drawRest,
  drawWithdrawalDelays,
  drawWithdrawals,
  REST_SHARE,
  type Withdrawal,
} from '../population.ts';
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

/** How often the legs of a pooled deposit go to one address, all of them. */
export function sameShare({ addressShares }: PublicView): number {
  return addressShares.find(([addresses]) => addresses === 'same')?.[1] ?? 0;
}

/** How often a part of a pooled deposit is paid to an address of its own. @param of how many parts it has */
export function aloneShare(
  { addressShares }: PublicView,
  { part, of }: { readonly part: number; readonly of: number },
): number {
  if (of === 1) return 1;
  return addressShares.reduce(
    (sum, [addresses, share]) => (addresses !== 'same' && addresses > part ? sum + share : sum),
    0,
  );
}

/** How people withdraw. Hours are counted since the deposit; what is expected is expected of any sealed deposit. */
export interface WithdrawalLaw {
  /** Withdrawals expected within each hour. */
  readonly perHour: Float64Array;
  /** The same of accounts alone. */
  readonly ofAccounts: Float64Array;
  /** The i-th withdrawal of what stayed of a pooled deposit, if so much stayed. */
  readonly ofRests: readonly Float64Array[];
  /** The share of withdrawals that pay this amount. */
  shareOf(part: number): number;
  /** The same of withdrawals from accounts alone. */
  accountShareOf(part: number): number;
}

/** Learns the law of withdrawals from made-up ones. */
export function learnWithdrawals(view: PublicView): WithdrawalLaw {
  const random = createRandom(0, 'what the adversary knows');
  const crowd = createCrowd(9);
  const account = sealedShare(view, 'account') / SAMPLES;
  const onlyOne = view.addressShares.find(([addresses]) => addresses === 1)?.[1] ?? 0;
  const rest = (sealedShare(view, 'pooled') * onlyOne * REST_SHARE) / SAMPLES;
  const [all, ofAccounts, firstRest, secondRest] = [
    createTally(),
    createTally(),
    createTally(),
    createTally(),
  ];
  for (let i = 0; i < SAMPLES; i++) {
    const deposit = { sec: 0, amount: drawAmount(random), from: ETHEREUM };
    for (const withdrawal of drawWithdrawals(random, crowd, deposit)) {
      for (const tally of [all, ofAccounts]) tally.add(withdrawal, account);
    }
    for (const withdrawal of drawRest(random, crowd, deposit)) all.add(withdrawal, rest);
    drawWithdrawalDelays(random).forEach((sec, nth) => {
      (nth === 0 ? firstRest : secondRest).add({ sec, amount: 0 }, rest);
    });
  }
  return {
    perHour: all.hours(),
    ofAccounts: ofAccounts.hours(),
    ofRests: [firstRest.hours(), secondRest.hours()],
    shareOf: all.shareOf,
    accountShareOf: ofAccounts.shareOf,
  };
}

interface Tally {
  add(withdrawal: Pick<Withdrawal, 'sec' | 'amount'>, weight: number): void;
  hours(): Float64Array;
  shareOf(part: number): number;
}

function createTally(): Tally {
  const hours: number[] = [];
  const parts = new Map<number, number>();
  let total = 0;
  return {
    add({ sec, amount }, weight) {
      const hour = Math.floor(sec / HOUR_SEC);
      hours[hour] = (hours[hour] ?? 0) + weight;
      const part = Number(splitIntoRungs(BigInt(amount), TERMS, 1).parts[0] ?? 0n);
      parts.set(part, (parts.get(part) ?? 0) + weight);
      total += weight;
    },
    hours: () => Float64Array.from(hours, (value) => value ?? 0),
    shareOf: (part) => Math.max(UNSEEN, (parts.get(part) ?? 0) / total),
  };
}
