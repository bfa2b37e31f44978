import type { Guesses } from './adversaries/clues.ts';
import type { Explained } from './adversaries/posterior.ts';
import {
  guessExactAmount,
  guessFirstInFirstOut,
  guessSums,
  guessUsualDelay,
  readTags,
} from './adversaries/simple.ts';
import { HOUR_SEC } from './market.ts';
import {
  chanceOf,
  effectiveCount,
  explainAll,
  isCareful,
  isInCohort,
  likeliest,
  type Measured,
  mean,
  quantile,
  type Sample,
  topOne,
} from './measures.ts';
import { waitSec } from './outbox.ts';
import type { LegTruth, PayoutSeen } from './records.ts';

/** What was measured of one kind of payouts. */
export interface Figures {
  readonly payouts: number;
  readonly chance: number;
  /** Top-1 linkage of each attack, by its name. */
  readonly linked: ReadonlyMap<string, number>;
  /** Depositors that the adversary which knows the laws cannot tell apart: median and 5th percentile. */
  readonly effective: readonly [number, number];
  /** Other honest roots that might have left instead: median and 5th percentile. */
  readonly others: readonly [number, number];
  /** The share of payouts for which there were none. */
  readonly alone: number;
  /** Of pooled legs: the share that went back because patience ended. */
  readonly returned: number;
  /** Hours from asking to release: median and 95th percentile. */
  readonly waitHours: readonly [number, number];
}

/** Attacks by their names, as tables show them. */
export const ATTACKS = ['tag', 'FIFO', 'amount', 'sums', 'delay', 'laws', 'told'] as const;

/** Payouts that the costly attack looks at, of each kind. */
const MOST_EXPLAINED = 400;

/** What measures kinds of payouts of one history. */
export interface Gauge {
  figuresOf(kind: (truth: LegTruth) => boolean): Figures;
}

/** Attacks a history; only those who do not give themselves away by their habits are looked at. */
export function createGauge(measured: Measured): Gauge {
  const { clues, samples, history } = measured;
  const careful = samples.filter(({ truth }) => isCareful(truth));
  const simple: readonly (readonly [string, Guesses])[] = [
    ['tag', readTags(clues)],
    ['FIFO', guessFirstInFirstOut(clues)],
    ['amount', guessExactAmount(clues)],
    ['sums', guessSums(clues)],
    ['delay', guessUsualDelay(clues)],
  ];
  const explain = explainAll(measured);
  return {
    figuresOf(kind) {
      const chosen = careful.filter(({ truth }) => kind(truth));
      const legs = history.legs.filter((leg) => isHonestIn(measured, leg) && kind(leg));
      const others = chosen.map(({ truth }) => measured.company.honestOthers(truth));
      const waits = chosen.map(({ truth, payout }) => waitSec(truth, payout.round) / HOUR_SEC);
      const returned = legs.filter(
        ({ exitRound, patience }) => exitRound === undefined && patience < history.rounds,
      );
      const linked = simple.map(([name, guesses]) => [name, topOne(chosen, guesses)] as const);
      const { byLaws, told, effective } = explainSome(chosen, explain);
      return {
        payouts: chosen.length,
        chance: chanceOf(measured, thinned(chosen)),
        linked: new Map([...linked, ['laws', byLaws], ['told', told]]),
        effective,
        others: [quantile(others, 0.5), quantile(others, 0.05)],
        alone: mean(others.map((count) => (count === 0 ? 1 : 0))),
        returned: returned.length / Math.max(1, legs.length),
        waitHours: [quantile(waits, 0.5), quantile(waits, 0.95)],
      };
    },
  };
}

function isHonestIn({ history }: Measured, leg: LegTruth): boolean {
  return !leg.isAttacker && isInCohort(history, leg);
}

function explainSome(
  samples: readonly Sample[],
  explain: (payout: PayoutSeen) => Explained | undefined,
): { readonly byLaws: number; readonly told: number; readonly effective: [number, number] } {
  const explained = thinned(samples).flatMap(({ payout, truth: { sender, mode } }) => {
    const known = explain(payout);
    if (known === undefined) return [];
    const posterior = known.posterior();
    const isRight = likeliest(posterior) === sender;
    const isRightIfTold = likeliest(known.posteriorOf(mode)) === sender;
    return [{ isRight, isRightIfTold, count: effectiveCount(posterior) }];
  });
  const counts = explained.map(({ count }) => count);
  return {
    byLaws: shareOf(explained.map(({ isRight }) => isRight)),
    told: shareOf(explained.map(({ isRightIfTold }) => isRightIfTold)),
    effective: [quantile(counts, 0.5), quantile(counts, 0.05)],
  };
}

/** Of how many it is true; NaN of none. */
function shareOf(truths: readonly boolean[]): number {
  return truths.length === 0 ? Number.NaN : truths.filter((is) => is).length / truths.length;
}

/** Evenly spread over all of them, at most so many. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const step = Math.ceil(samples.length / MOST_EXPLAINED);
  return samples.filter((_, i) => i % step === 0);
}
