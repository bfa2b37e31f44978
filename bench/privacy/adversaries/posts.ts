import type { AssetId } from '../../../src/protocol/asset.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { HOUR_SEC, ROUND_SEC } from '../market.ts';
import { type Clues, type Payee, placeOfRound } from './clues.ts';
import type { TimeLaw } from './law.ts';
import { learnWithdrawals, sealedShare, type WithdrawalLaw } from './population-law.ts';

/** What posts, which everybody sees and nobody can read, say of payouts. */
export interface PostLaw {
  /** Whether withdrawals of just these parts are more than a freak. */
  isUsual(payee: Payee): boolean;
  /** How likely it is that some post explains a payee. */
  weightOf(payee: Payee, law: TimeLaw): number;
  /** If one does, how likely each depositor is to have posted it; sums to 1, or is empty. */
  posters(payee: Payee, law: TimeLaw): readonly (readonly [sender: Hex, share: number])[];
}

const FREAK_SHARE = 1e-4;
/** As likely on the one chain as on the other. */
const CHAIN_SHARE = 0.5;

interface PostHour {
  readonly rounds: readonly number[];
  /** Withdrawals expected in that hour of all who have paid in. */
  readonly expected: number;
}

/** Learns from deposits and posts who posts when. */
export function learnPosts(clues: Clues): PostLaw {
  const withdrawals = learnWithdrawals();
  const hours = hoursOfPosts(clues, withdrawals);
  const shareOf = (asset: AssetId) =>
    (clues.byAsset.get(asset)?.length ?? 0) / Math.max(1, clues.suspects.length);
  return {
    isUsual: ({ parts }) => withdrawals.shareOf(parts) > FREAK_SHARE,
    weightOf({ asset, parts }, law) {
      const sum = hoursOf(law).reduce((total, hour) => total + hourWeight(hours, hour, law), 0);
      return sum * withdrawals.shareOf(parts) * shareOf(asset) * CHAIN_SHARE;
    },
    posters: (payee, law) => postersOf({ clues, withdrawals, hours }, payee, law),
  };
}

function hoursOfPosts({ view, suspects }: Clues, { perHour }: WithdrawalLaw): PostHour[] {
  const share = sealedShare(view, 'account');
  const deposits = new Float64Array(hourOf(view.rounds) + 1);
  for (const { round } of suspects) deposits[hourOf(round)] = (deposits[hourOf(round)] ?? 0) + 1;
  const rounds = Map.groupBy(
    view.posts.map((post) => post.round),
    hourOf,
  );
  return Array.from(deposits, (_, hour) => {
    let expected = 0;
    for (let age = 0; age < perHour.length && age <= hour; age++) {
      expected += share * (deposits[hour - age] ?? 0) * (perHour[age] ?? 0);
    }
    return { rounds: rounds.get(hour) ?? [], expected };
  });
}

function hoursOf({ first, last }: TimeLaw): number[] {
  const from = Math.max(0, hourOf(first));
  return Array.from({ length: hourOf(last) - from + 1 }, (_, i) => from + i);
}

function hourOf(round: number): number {
  return Math.floor((round * ROUND_SEC) / HOUR_SEC);
}

function hourWeight(hours: readonly PostHour[], hour: number, law: TimeLaw): number {
  const rounds = hours[hour]?.rounds ?? [];
  return rounds.reduce(
    (sum, round) => (round > law.last ? sum : sum + law.densityAt(Math.max(law.first, round))),
    0,
  );
}

function postersOf(
  {
    clues,
    withdrawals,
    hours,
  }: {
    readonly clues: Clues;
    readonly withdrawals: WithdrawalLaw;
    readonly hours: readonly PostHour[];
  },
  { asset, parts }: Payee,
  law: TimeLaw,
): [Hex, number][] {
  const likely = hoursOf(law).flatMap((hour) => {
    const expected = hours[hour]?.expected ?? 0;
    const weight = expected > 0 ? hourWeight(hours, hour, law) / expected : 0;
    return weight > 0 ? [[hour, weight] as const] : [];
  });
  const total = parts.reduce((sum, part) => sum + part, 0);
  const oldest = law.first - (withdrawals.perHour.length * HOUR_SEC) / ROUND_SEC;
  const suspects = clues.byAsset.get(asset) ?? [];
  const recent = suspects.slice(
    placeOfRound(suspects, oldest),
    placeOfRound(suspects, law.last + 1),
  );
  const able = recent.filter(({ wanted }) => MOST_TAKEN * wanted >= total);
  const weights = able.map(({ round }) => {
    const since = hourOf(round);
    return likely.reduce((sum, [hour, w]) => sum + w * (withdrawals.perHour[hour - since] ?? 0), 0);
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) return [];
  return able.map(({ sender }, i) => [sender, (weights[i] ?? 0) / sum]);
}

/** Of what is in an account people take at most this share at once. */
const MOST_TAKEN = 0.9;
