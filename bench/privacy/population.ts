import type { AssetId } from '../../src/protocol/asset.ts';
import type { CrowdFactor } from '../../src/protocol/order.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import {
  ASSETS,
  acrossFrom,
  DAY_SEC,
  ETHEREUM,
  HOUR_SEC,
  POLKADOT,
  RUNG_AMOUNTS,
} from './market.ts';
import type { Crowd, Person } from './people.ts';
import {
  exponential,
  happens,
  logNormal,
  pareto,
  pick,
  type Random,
  wholeBetween,
} from './random.ts';
import type { Addresses, AddressShares, Habits, Mode, ModeShares } from './records.ts';
import { laterParts } from './rest.ts';

// Who comes, when, with how much and with which habits. All of it is made up; docs/privacy.md says so. The adversary knows these laws.

/** Of all deposits. */
export const MODE_SHARES: ModeShares = [
  ['transparent', 0.1],
  ['direct', 0.15],
  ['pooled', 0.5],
  ['account', 0.25],
];
/** Most leave the wallet as it is: one address, one payout. */
export const ADDRESS_SHARES: AddressShares = [
  [1, 0.75],
  [2, 0.08],
  [3, 0.05],
  [4, 0.02],
  ['same', 0.1],
];
/** Of those who named one address, so many withdraw what stayed; the others leave it where it is. */
export const REST_SHARE = 0.5;
const HABIT_SHARES = { reuse: 0.1, gasPayer: 0.08, roundTrip: 0.08, relayer: 0.1 };
const RETURNING_SHARE = 0.3;
const USED_RECIPIENT_SHARE = 0.1;
const IMPATIENT_SHARE = 0.15;
const SECOND_WITHDRAWAL_SHARE = 0.5;
const SAME_CHAIN_SHARE = 0.2;
const CROWD_SHARES: readonly (readonly [CrowdFactor, number])[] = [
  [1, 0.9],
  [2, 0.08],
  [4, 0.02],
];
/** By day 1.6, by night 0.4 of the mean; a third less at weekends. */
const DAY_SWING = 0.6;
const WEEKEND = 0.7;
const WEEK_MEAN = (5 + 2 * WEEKEND) / 7;
const LEAST_AMOUNT = 1100;
const LEAST_ACCOUNT_AMOUNT = 1500;

/** What somebody is about to do. */
export interface Intent {
  readonly person: Person;
  readonly mode: Mode;
  readonly sec: number;
  readonly from: bigint;
  /** Where legs of the deposit's own order pay. */
  readonly to: bigint;
  readonly asset: AssetId;
  /** What is to arrive, rates included, or to be kept in the account. */
  readonly amount: number;
  readonly recipient: Hex;
  readonly isRecipientUsed: boolean;
  readonly crowd: CrowdFactor;
  /** How long it is to wait: as the wallet draws it, that and no more rounds than this, or from now on for ever. */
  readonly waits: 'as-drawn' | 'at-once' | number;
  readonly withdrawals: readonly Withdrawal[];
  /** The first is `recipient`, the others are fresh. */
  readonly addresses: Addresses;
}

/** An order that is to be posted later. */
export interface Withdrawal {
  readonly sec: number;
  readonly amount: number;
  readonly chainId: bigint;
  readonly recipient: Hex;
}

/** How many come and when. */
export interface Attendance {
  readonly perHour: number;
  readonly addressShares?: AddressShares;
  readonly fromSec: number;
  readonly toSec: number;
}

/** Who comes within these seconds. */
export function drawIntents(
  random: Random,
  crowd: Crowd,
  { perHour, addressShares = ADDRESS_SHARES, fromSec, toSec }: Attendance,
): Intent[] {
  const intents: Intent[] = [];
  const people: Person[] = [];
  const most = (perHour * (1 + DAY_SWING)) / WEEK_MEAN;
  for (let sec = fromSec; ; ) {
    sec += exponential(random, HOUR_SEC / most);
    if (sec >= toSec) return intents;
    if (!happens(random, activityAt(sec) / (1 + DAY_SWING))) continue;
    const known = happens(random, RETURNING_SHARE) ? somebody(random, people) : undefined;
    const person = known ?? crowd.person(undefined, drawHabits(random));
    if (known === undefined) people.push(person);
    const addresses = pick(random, addressShares);
    intents.push(drawIntent(random, crowd, { person, sec: Math.floor(sec), addresses }));
  }
}

function activityAt(sec: number): number {
  const day = Math.floor(sec / DAY_SEC);
  // Day 0 of Unix time was a Thursday.
  const isWeekend = (day + 3) % 7 >= 5;
  const swing = 1 - DAY_SWING * Math.cos((2 * Math.PI * (sec % DAY_SEC)) / DAY_SEC);
  return isWeekend ? swing * WEEKEND : swing;
}

function somebody(random: Random, people: readonly Person[]): Person | undefined {
  return people[Math.floor(random.next() * people.length)];
}

function drawHabits(random: Random): Habits {
  return {
    reusesAddress: happens(random, HABIT_SHARES.reuse),
    sharesGasPayer: happens(random, HABIT_SHARES.gasPayer),
    makesRoundTrips: happens(random, HABIT_SHARES.roundTrip),
    isKnownToRelayer: happens(random, HABIT_SHARES.relayer),
  };
}

function drawIntent(
  random: Random,
  crowd: Crowd,
  { person, sec, addresses }: Pick<Intent, 'person' | 'sec' | 'addresses'>,
): Intent {
  const mode = pick(random, MODE_SHARES);
  const from = happens(random, 0.55) ? ETHEREUM : POLKADOT;
  const asset = pick(
    random,
    ASSETS.map((known) => [known.asset, known.share]),
  );
  const drawn = drawAmount(random);
  const amount = mode === 'account' ? Math.max(drawn, LEAST_ACCOUNT_AMOUNT) : drawn;
  const isImpatient = mode === 'pooled' && happens(random, IMPATIENT_SHARE);
  const deposit = { sec, amount, from };
  const stays = mode === 'pooled' && addresses === 1 && happens(random, REST_SHARE);
  const ofRest = stays ? drawRest(random, crowd, deposit) : [];
  const withdrawals = mode === 'account' ? drawWithdrawals(random, crowd, deposit) : ofRest;
  return {
    ...{ person, mode, sec, from, to: acrossFrom(from), asset, amount, withdrawals, addresses },
    ...drawRecipient(random, crowd, person),
    crowd: pick(random, CROWD_SHARES),
    waits: isImpatient ? 288 * wholeBetween(random, 1, 3) : 'as-drawn',
  };
}

function drawRecipient(
  random: Random,
  crowd: Crowd,
  person: Person,
): Pick<Intent, 'recipient' | 'isRecipientUsed'> {
  if (person.habits.reusesAddress) return { recipient: person.sender, isRecipientUsed: false };
  const { lastRecipient } = person;
  if (lastRecipient !== undefined && happens(random, USED_RECIPIENT_SHARE)) {
    return { recipient: lastRecipient, isRecipientUsed: true };
  }
  person.lastRecipient = crowd.address();
  return { recipient: person.lastRecipient, isRecipientUsed: false };
}

/** The body is log-normal around six of the smallest rung, one in twenty has a heavy tail; three of five are round. */
export function drawAmount(random: Random): number {
  const exact = happens(random, 0.05) ? pareto(random, 50_000, 1.2) : logNormal(random, 6000, 1.2);
  const digits = pick(random, [
    [1, 0.4],
    [2, 0.2],
    [9, 0.4],
  ]);
  const bounded = Math.min(Math.max(exact, LEAST_AMOUNT), 1e9);
  return Math.max(roundTo(bounded, digits), LEAST_AMOUNT);
}

function roundTo(amount: number, digits: number): number {
  const step = Math.max(1, 10 ** (Math.floor(Math.log10(amount)) + 1 - digits));
  return Math.floor(amount / step) * step;
}

/** When what an account got is withdrawn, in seconds after the deposit: a day or more later, for half again days after that. */
export function drawWithdrawalDelays(random: Random): number[] {
  const first = DAY_SEC + exponential(random, DAY_SEC / 2);
  const isDone = !happens(random, SECOND_WITHDRAWAL_SHARE);
  return isDone ? [first] : [first, first + DAY_SEC * (2 + 4 * random.next())];
}

/** A rung that is there, or else a round part of what is there, so that it says little of the deposit. */
export function drawWithdrawals(
  random: Random,
  crowd: Crowd,
  { sec, amount, from }: Pick<Intent, 'sec' | 'amount' | 'from'>,
): Withdrawal[] {
  const withdrawals: Withdrawal[] = [];
  let left = amount;
  for (const delay of drawWithdrawalDelays(random)) {
    const rungs = RUNG_AMOUNTS.filter((rung) => rung <= 0.9 * left);
    if (rungs.length === 0) break;
    const part = roundTo(left * (0.3 + 0.6 * random.next()), 1);
    const rung = rungs[wholeBetween(random, 0, rungs.length - 1)] ?? 0;
    const wanted = happens(random, 0.6) || part < (rungs[0] ?? 0) ? rung : part;
    withdrawals.push(drawWithdrawal(random, crowd, { from, sec: sec + delay, amount: wanted }));
    left -= wanted + RUNG_AMOUNTS.length * 10;
  }
  return withdrawals;
}

/** What stayed of a deposit that was paid to one address: the largest amount of it that can be had, and then the next. */
export function drawRest(
  random: Random,
  crowd: Crowd,
  { sec, amount, from }: Pick<Intent, 'sec' | 'amount' | 'from'>,
): Withdrawal[] {
  const delays = drawWithdrawalDelays(random);
  return laterParts(amount).flatMap((part, i): Withdrawal[] => {
    const delay = delays[i];
    if (delay === undefined) return [];
    return [drawWithdrawal(random, crowd, { from, sec: sec + delay, amount: part })];
  });
}

function drawWithdrawal(
  random: Random,
  crowd: Crowd,
  { from, sec, amount }: Pick<Intent, 'sec' | 'amount' | 'from'>,
): Withdrawal {
  const chainId = happens(random, SAME_CHAIN_SHARE) ? from : acrossFrom(from);
  return { sec: Math.floor(sec), amount, chainId, recipient: crowd.address() };
}
