import type { Hex } from '../../../src/shared/bytes.ts';
import { acrossFrom, HOUR_SEC, poolOf, ROUND_SEC } from '../market.ts';
import type { PayoutSeen } from '../records.ts';
import {
  type Clues,
  type Guesses,
  type Payee,
  placeOfRound,
  poolOfPayout,
  type Suspect,
} from './clues.ts';
import { usualAge } from './law.ts';

// What anybody with a block explorer can do.

/** How far back, in rounds, somebody looks who does not know the law of delays. */
const LOOK_BACK = (40 * HOUR_SEC) / ROUND_SEC;

/** Transparent deposits: the tag is public. */
export function readTags({ view, openTags }: Clues): Guesses {
  return view.payouts.map(({ tag }) => openTags.get(tag));
}

/** First in, first out: the n-th payout of a pool is from the n-th deposit that would put something into it. */
export function guessFirstInFirstOut({ view, suspects }: Clues): Guesses {
  const queues = suspectsByPool(suspects);
  const places = new Map<string, number>();
  return view.payouts.map((payout) => {
    const key = poolOfPayout(payout);
    const place = places.get(key) ?? 0;
    places.set(key, place + 1);
    return queues.get(key)?.[place]?.sender;
  });
}

/** The newest deposit of the same amount. */
export function guessExactAmount({ view, suspects }: Clues): Guesses {
  const same = Map.groupBy(suspects, (s) => poolOf(s.asset, acrossFrom(s.chainId), s.wanted));
  return view.payouts.map(
    (payout) => newestBy(same.get(poolOfPayout(payout)), payout.round)?.sender,
  );
}

/** The deposit that is as old as a payout's usually is. */
export function guessUsualDelay({ view, suspects }: Clues): Guesses {
  const queues = suspectsByPool(suspects);
  const usual = usualAge(view);
  return view.payouts.map((payout) => {
    const queue = queues.get(poolOfPayout(payout)) ?? [];
    const at = placeOfRound(queue, payout.round - usual);
    const near = [queue[at - 1], queue[at]].filter(
      (s) => s !== undefined && s.round <= payout.round,
    );
    const distance = (s: Suspect | undefined) => Math.abs((s?.round ?? 0) + usual - payout.round);
    return near.sort((a, b) => distance(a) - distance(b))[0]?.sender;
  });
}

/**
 * Sums: the newest deposit that the wallet would have cut into just what one address was paid; or else the deposit of the most parts,
 * this payout one of them, that were all paid to whomever soon after it.
 */
export function guessSums({ view, suspects, payees }: Clues): Guesses {
  const byParts = Map.groupBy(suspects, (s) => partsKey({ ...s, chainId: acrossFrom(s.chainId) }));
  const queues = suspectsByPool(suspects);
  const paid = Map.groupBy(view.payouts, poolOfPayout);
  const guesses: (Hex | undefined)[] = view.payouts.map(() => undefined);
  for (const payee of payees) {
    const whole = newestBy(byParts.get(partsKey(payee)), payee.payouts[0]?.round ?? 0);
    for (const payout of payee.payouts) {
      const guess = whole ?? mostPartsPaid(queues.get(poolOfPayout(payout)) ?? [], payout, paid);
      guesses[payout.id] = guess?.sender;
    }
  }
  return guesses;
}

function partsKey({ asset, chainId, parts }: Pick<Payee, 'asset' | 'chainId' | 'parts'>): string {
  return `${asset}:${chainId}:${parts.join('+')}`;
}

function mostPartsPaid(
  queue: readonly Suspect[],
  { round }: PayoutSeen,
  paid: ReadonlyMap<string, readonly PayoutSeen[]>,
): Suspect | undefined {
  let best: Suspect | undefined;
  for (let at = placeOfRound(queue, round - LOOK_BACK); ; at++) {
    const suspect = queue[at];
    if (suspect === undefined || suspect.round > round) return best;
    const isMore = suspect.parts.length >= (best?.parts.length ?? 1);
    if (isMore && areAllPaid(suspect, paid)) best = suspect;
  }
}

function areAllPaid(
  { asset, chainId, parts, round }: Suspect,
  paid: ReadonlyMap<string, readonly PayoutSeen[]>,
): boolean {
  return parts.every((part, i) => {
    const list = paid.get(poolOf(asset, acrossFrom(chainId), part)) ?? [];
    const repeats = parts.slice(0, i).filter((other) => other === part).length;
    const candidate = list[placeOfRound(list, round) + repeats];
    return candidate !== undefined && candidate.round <= round + LOOK_BACK;
  });
}

/** Deposits by the pools they would put something into, once for every part; in the order of their rounds. */
function suspectsByPool(suspects: readonly Suspect[]): Map<string, Suspect[]> {
  const queues = new Map<string, Suspect[]>();
  for (const suspect of suspects) {
    for (const part of suspect.parts) {
      const key = poolOf(suspect.asset, acrossFrom(suspect.chainId), part);
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [suspect]);
      else queue.push(suspect);
    }
  }
  return queues;
}

function newestBy(list: readonly Suspect[] | undefined, round: number): Suspect | undefined {
  return list?.[placeOfRound(list, round + 1) - 1];
}
