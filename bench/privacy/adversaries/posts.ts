import type { AssetId } from '../../../src/protocol/asset.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { HOUR_SEC, ROUND_SEC } from '../market.ts';
import { type Clues, type Payee, placeOfRound, type Suspect } from './clues.ts';
import type { TimeLaw } from './law.ts';
import { learnWithdrawals, type WithdrawalLaw } from './population-law.ts';

/** What posts, which everybody sees and nobody can read, say of payouts. */
export interface PostLaw {
  /** How likely it is that some post explains a payee. */
  weightOf(payee: Payee, law: TimeLaw): number;
  /** If one does, how likely each depositor is to have posted it; sums to 1, or is empty. */
  posters(payee: Payee, law: TimeLaw): readonly (readonly [sender: Hex, share: number])[];
}

/** As likely on the one chain as on the other. */
const CHAIN_SHARE = 0.5;

interface PostHour {
  readonly rounds: readonly number[];
  /** Withdrawals expected in that hour of all who have paid in. */
  readonly expected: number;
}

/** Learns from deposits and posts who posts when. */
export function learnPosts(clues: Clues): PostLaw {
  const withdrawals = learnWithdrawals(clues.view);
  const hours = hoursOfPosts(clues, withdrawals);
  const shareOf = (asset: AssetId) =>
    (clues.byAsset.get(asset)?.length ?? 0) / Math.max(1, clues.suspects.length);
  return {
    weightOf({ asset, parts }, law) {
      const sum = hoursOf(law).reduce((total, hour) => total + hourWeight(hours, hour, law), 0);
      return sum * withdrawals.shareOf(sumOf(parts)) * shareOf(asset) * CHAIN_SHARE;
    },
    posters: (payee, law) => postersOf({ clues, withdrawals, hours }, payee, law),
  };
}

function hoursOfPosts({ view, suspects }: Clues, { perHour }: WithdrawalLaw): PostHour[] {
  const deposits = new Float64Array(hourOf(view.rounds) + 1);
  for (const { round } of suspects) deposits[hourOf(round)] = (deposits[hourOf(round)] ?? 0) + 1;
  const rounds = Map.groupBy(
    view.posts.map((post) => post.round),
    hourOf,
  );
  return Array.from(deposits, (_, hour) => {
    let expected = 0;
    for (let age = 0; age < perHour.length && age <= hour; age++) {
      expected += (deposits[hour - age] ?? 0) * (perHour[age] ?? 0);
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
  const total = sumOf(parts);
  const oldest = law.first - (withdrawals.perHour.length * HOUR_SEC) / ROUND_SEC;
  const suspects = clues.byAsset.get(asset) ?? [];
  const recent = suspects.slice(
    placeOfRound(suspects, oldest),
    placeOfRound(suspects, law.last + 1),
  );
  const weights = recent.map((suspect) => {
    const since = hourOf(suspect.round);
    const kinds = kindsOf(withdrawals, suspect, total);
    return kinds.reduce(
      (sum, [share, perHour]) =>
        sum + share * likely.reduce((all, [hour, w]) => all + w * (perHour[hour - since] ?? 0), 0),
      0,
    );
  });
  const sum = sumOf(weights);
  if (sum === 0) return [];
  return recent.flatMap(({ sender }, i): [Hex, number][] => {
    const weight = weights[i] ?? 0;
    return weight > 0 ? [[sender, weight / sum]] : [];
  });
}

/** The kinds of withdrawals by which somebody can have been paid this amount: how often they pay it, and when they are made. */
function kindsOf(
  { ofAccounts, ofRests, accountShareOf }: WithdrawalLaw,
  { wanted, laterParts }: Suspect,
  amount: number,
): (readonly [share: number, perHour: Float64Array])[] {
  const rests = ofRests.filter((_, i) => laterParts[i] === amount);
  return [
    ...(MOST_TAKEN * wanted >= amount ? [[accountShareOf(amount), ofAccounts] as const] : []),
    ...rests.map((perHour) => [1, perHour] as const),
  ];
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Of what is in an account people take at most this share at once. */
const MOST_TAKEN = 0.9;
