import { MAX_LEGS } from '../../../src/protocol/order.ts';
import type { Company } from '../company.ts';
import { acrossFrom, poolOf } from '../market.ts';
import { type Clues, type Payee, payeeOf, placeOfRound, type Suspect } from './clues.ts';
import { stillThere, type TimeLaw, timeLawOf } from './law.ts';
import type { Edge } from './matching.ts';
import { aloneShare, sameShare, sealedShare } from './population-law.ts';
import { learnPosts, type PostLaw } from './posts.ts';

/** A payee with all that may explain it. */
export interface Case {
  readonly payee: Payee;
  readonly law: TimeLaw;
  /** Deposits whose orders may have paid it, by {@link COLUMNS}. */
  readonly pooled: readonly Edge[];
  readonly direct: readonly { readonly suspect: Suspect; readonly weight: number }[];
  /** How likely some post explains it. */
  readonly posted: number;
}

/** Columns of a deposit: one for its whole order, and one for each part that may be paid by itself. */
export const COLUMNS = 1 + MAX_LEGS;

/** What all payees are explained with. */
export interface Laws {
  readonly clues: Clues;
  readonly company: Company;
  readonly posts: PostLaw;
  /** Suspects by the pools that their parts would wait in, each once, in the order of their rounds. */
  readonly byPool: ReadonlyMap<string, readonly Suspect[]>;
  /** How likely each part of a suspect has not left, by the suspect's id. */
  readonly lost: ReadonlyMap<number, readonly number[]>;
}

/** The least share of legs that do not leave: the impatient's. */
const LEAST_LOST = 0.02;

/** Prepares what is the same for all payees. */
export function gatherLaws(clues: Clues, company: Company): Laws {
  const byPool = new Map<string, Suspect[]>();
  const lost = new Map<number, readonly number[]>();
  for (const suspect of clues.suspects) {
    const { id, asset, chainId, parts, round } = suspect;
    const pools = parts.map((part) => poolOf(asset, acrossFrom(chainId), part));
    const lostShares = pools.map((pool) =>
      Math.max(LEAST_LOST, stillThere(company, clues.view, { pool, round })),
    );
    lost.set(id, lostShares);
    for (const pool of new Set(pools)) {
      const list = byPool.get(pool);
      if (list === undefined) byPool.set(pool, [suspect]);
      else list.push(suspect);
    }
  }
  return { clues, company, posts: learnPosts(clues), byPool, lost };
}

/** A payee as one order's; or, if no one order explains it, each of its payouts by itself. */
export function casesOf(laws: Laws, payee: Payee): Case[] {
  const whole = caseOf(laws, payee);
  const isExplained = whole.pooled.length > 0 || whole.direct.length > 0;
  if (isExplained || payee.payouts.length === 1) return [whole];
  return payee.payouts.map((payout) => caseOf(laws, payeeOf(payout, [payout])));
}

function caseOf(laws: Laws, payee: Payee): Case {
  const { clues, company, byPool } = laws;
  const law = timeLawOf(clues.view, company, payee);
  const suspects = byPool.get(poolOf(payee.asset, payee.chainId, payee.parts[0] ?? 0)) ?? [];
  const pooled: Edge[] = [];
  for (let at = placeOfRound(suspects, law.first); ; at++) {
    const suspect = suspects[at];
    if (suspect === undefined || suspect.round > law.last) break;
    const fits = fitsOf(laws, suspect, payee);
    if (fits.length === 0) continue;
    const weight = sealedShare(clues.view, 'pooled') * law.densityAt(suspect.round);
    if (weight === 0) continue;
    for (const [column, fit] of fits) pooled.push({ column, weight: fit * weight });
  }
  const direct = directSuspects(laws, payee);
  return { payee, law, pooled, direct, posted: laws.posts.weightOf(payee, law) };
}

/** The columns of a deposit that may explain a payee, and how likely such a deposit pays so. */
function fitsOf(laws: Laws, suspect: Suspect, payee: Payee): [column: number, fit: number][] {
  const { view } = laws.clues;
  const { id, parts } = suspect;
  const fits: [number, number][] = [];
  const whole = parts.length > 1 ? sameShare(view) * fitOf(laws, suspect, payee) : 0;
  if (whole > 0) fits.push([COLUMNS * id, whole]);
  if (payee.parts.length > 1) return fits;
  parts.forEach((part, i) => {
    const alone = part === payee.parts[0] ? aloneShare(view, { part: i, of: parts.length }) : 0;
    if (alone > 0) fits.push([COLUMNS * id + 1 + i, alone]);
  });
  return fits;
}

/** How likely the parts of an order that a payee was not paid are lost; 0 if it was paid what is none of them. */
function fitOf({ lost }: Laws, { id, parts }: Suspect, payee: Payee): number {
  if (parts.length < payee.parts.length) return 0;
  const shares = lost.get(id) ?? [];
  let [fit, paid] = [1, 0];
  // Both are descending.
  parts.forEach((part, i) => {
    if (part === payee.parts[paid]) paid++;
    else fit *= shares[i] ?? 1;
  });
  return paid === payee.parts.length ? fit : 0;
}

function directSuspects(
  { clues }: Laws,
  { asset, chainId, payouts, parts }: Payee,
): Case['direct'] {
  const round = payouts[0]?.round ?? 0;
  const suspects = clues.byAsset.get(asset) ?? [];
  const weight = sealedShare(clues.view, 'direct');
  const found: { readonly suspect: Suspect; readonly weight: number }[] = [];
  for (let at = placeOfRound(suspects, round); suspects[at]?.round === round; at++) {
    const suspect = suspects[at];
    const isLike = suspect?.wanted === parts[0] && acrossFrom(suspect?.chainId ?? 0n) === chainId;
    if (suspect !== undefined && isLike && parts.length === 1) found.push({ suspect, weight });
  }
  return found;
}

/** By column, how likely it is that nothing was ever paid for it. */
export function unmatchedWeights({ clues: { view, suspects }, lost }: Laws): Float64Array {
  const share = sealedShare(view, 'pooled');
  const weights = new Float64Array(COLUMNS * view.deposits.length).fill(1);
  for (const { id, parts } of suspects) {
    const shares = lost.get(id) ?? [];
    const first = COLUMNS * id;
    const same = parts.length > 1 ? share * sameShare(view) : 0;
    weights[first] = 1 - same + same * shares.reduce((product, one) => product * one, 1);
    shares.forEach((one, i) => {
      const alone = share * aloneShare(view, { part: i, of: parts.length });
      weights[first + 1 + i] = 1 - alone + alone * one;
    });
  }
  return weights;
}
