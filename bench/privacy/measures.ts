import type { Hex } from '../../src/shared/bytes.ts';
import { type Clues, type Guesses, placeOfRound, sortClues } from './adversaries/clues.ts';
import { type Explained, explainPayees, type Posterior } from './adversaries/posterior.ts';
import { type Company, followPools } from './company.ts';
import { DAY_SEC, ROUND_SEC } from './market.ts';
import type { History, LegTruth, PayoutSeen, PublicView } from './records.ts';

/** A history as the adversary has it, and the truth beside it. */
export interface Measured {
  readonly history: History;
  readonly company: Company;
  readonly clues: Clues;
  /** Payouts of which the truth is known and that came neither too early nor too late to say something. */
  readonly samples: readonly Sample[];
}

/** A payout that is looked at. */
export interface Sample {
  readonly payout: PayoutSeen;
  readonly truth: LegTruth;
}

/** The days before pools have filled. */
const WARM_UP_ROUNDS = (3 * DAY_SEC) / ROUND_SEC;
/** So long before the end all that leaves has left: patience, and what a wallet waits before. At most this share of a run. */
const COOL_DOWN_ROUNDS = (10 * DAY_SEC) / ROUND_SEC;
const COOL_DOWN_SHARE = 0.4;

/** Prepares a history for attacks. What is the attacker's own is nobody's secret: it is left out of what is to be found out. */
export function measure(history: History): Measured {
  const own = new Set(history.legs.filter((leg) => leg.isAttacker).map(({ sender }) => sender));
  const truths = history.truths.filter((truth) => truth !== undefined && !truth.isAttacker);
  const view: PublicView = {
    ...history,
    deposits: history.deposits
      .filter(({ sender }) => !own.has(sender))
      .map((deposit, id) => ({ ...deposit, id })),
    payouts: history.payouts
      .filter(({ id }) => history.truths[id] !== undefined && !history.truths[id].isAttacker)
      .map((payout, id) => ({ ...payout, id })),
  };
  const samples = view.payouts.flatMap((payout): Sample[] => {
    const truth = truths[payout.id];
    return truth !== undefined && isInCohort(history, truth) ? [{ payout, truth }] : [];
  });
  return { history, company: followPools(history), clues: sortClues(view), samples };
}

/** Whether a leg was asked for when the pools had filled, and early enough that its end is seen. */
export function isInCohort({ rounds }: History, { enterRound }: LegTruth): boolean {
  const last = rounds - Math.min(COOL_DOWN_ROUNDS, COOL_DOWN_SHARE * rounds);
  return enterRound > Math.min(WARM_UP_ROUNDS, rounds / 4) && enterRound <= last;
}

/** Whether somebody does nothing that gives them away whatever the bridge does. */
export function isCareful({ habits, isRecipientUsed }: LegTruth): boolean {
  return !isRecipientUsed && Object.values(habits).every((has) => !has);
}

/** What the adversary that knows the laws can say of each payout. */
export function explainAll({
  clues,
  company,
}: Measured): (payout: PayoutSeen) => Explained | undefined {
  const byPayout = new Map<number, Explained>();
  for (const explained of explainPayees(clues, company)) {
    for (const { id } of explained.payee.payouts) byPayout.set(id, explained);
  }
  return ({ id }) => byPayout.get(id);
}

/** The share of samples for which an attack names whoever paid in. */
export function topOne(samples: readonly Sample[], guesses: Guesses): number {
  return mean(samples.map(({ payout, truth }) => (guesses[payout.id] === truth.sender ? 1 : 0)));
}

/** Whom a posterior holds for the most likely. */
export function likeliest(posterior: Posterior): Hex | undefined {
  let best: Hex | undefined;
  for (const [who, weight] of posterior) {
    if (weight > (posterior.get(best ?? '0x') ?? 0)) best = who;
  }
  return best;
}

/** How many would be as hard to tell apart: e to the entropy. 0 if nobody comes into question. */
export function effectiveCount(posterior: Posterior): number {
  if (posterior.size === 0) return 0;
  let entropy = 0;
  for (const weight of posterior.values()) entropy -= weight > 0 ? weight * Math.log(weight) : 0;
  return Math.exp(entropy);
}

/** Somebody who knows only amounts and the last two days, and draws lots: the mean chance of being right. */
export function chanceOf({ clues }: Measured, samples: readonly Sample[]): number {
  return mean(
    samples.map(({ payout: { asset, round, amount } }) => {
      const suspects = clues.byAsset.get(asset) ?? [];
      const from = placeOfRound(suspects, round - (2 * DAY_SEC) / ROUND_SEC);
      const recent = suspects.slice(from, placeOfRound(suspects, round + 1));
      const senders = recent.filter(({ wanted }) => wanted >= amount).map(({ sender }) => sender);
      return 1 / Math.max(1, new Set(senders).size);
    }),
  );
}

/** The mean; 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The value that this share of the values does not reach; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
