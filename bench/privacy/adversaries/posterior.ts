import type { Hex } from '../../../src/shared/bytes.ts';
import type { Company } from '../company.ts';
import type { Mode } from '../records.ts';
import { type Case, COLUMNS, casesOf, gatherLaws, type Laws, unmatchedWeights } from './cases.ts';
import type { Clues, Payee } from './clues.ts';
import { matchRows, type Row } from './matching.ts';

// The adversary that knows the laws: how wallets cut amounts and draw times, how legs leave, how people behave. Of each payee it computes
// how likely every depositor is, given that no deposit is paid out twice.

/** How likely each depositor is to have paid for a payee's payouts. */
export type Posterior = ReadonlyMap<Hex, number>;

/** What is known of a payee. */
export interface Explained {
  readonly payee: Payee;
  posterior(): Posterior;
  /** The same for an adversary that is told which way the payouts went: more than anybody can know. */
  posteriorOf(mode: Mode): Posterior;
}

/** Computes, for every payee, who may be behind it. */
export function explainPayees(clues: Clues, company: Company): Explained[] {
  const laws = gatherLaws(clues, company);
  const cases = clues.payees.flatMap((payee) => casesOf(laws, payee));
  const rows = cases.map(({ pooled, direct, posted }): Row => {
    const elsewhere = direct.reduce((sum, { weight }) => sum + weight, posted);
    return { edges: pooled, elsewhere };
  });
  const matched = matchRows(rows, unmatchedWeights(laws));
  return cases.map((found, i) => ({
    payee: found.payee,
    posterior: () => posteriorOf(laws, found, { matched: matched[i] ?? NOTHING, ways: ALL_WAYS }),
    posteriorOf: (mode) =>
      posteriorOf(laws, found, { matched: matched[i] ?? NOTHING, ways: [mode] }),
  }));
}

const NOTHING = new Float64Array();
/** What numbers with this many digits leave of nothing. */
const LEAST_REST = 1e-12;
const ALL_WAYS: readonly Mode[] = ['direct', 'pooled', 'account'];

function posteriorOf(
  { clues, posts }: Laws,
  { payee, law, pooled, direct, posted }: Case,
  { matched, ways }: { readonly matched: Float64Array; readonly ways: readonly Mode[] },
): Posterior {
  const posterior = new Map<Hex, number>();
  const add = (mode: Mode, sender: Hex, weight: number) => {
    if (weight === 0 || !ways.includes(mode)) return;
    posterior.set(sender, (posterior.get(sender) ?? 0) + weight);
  };
  pooled.forEach(({ column }, i) => {
    const deposit = clues.view.deposits[Math.floor(column / COLUMNS)];
    if (deposit !== undefined) add('pooled', deposit.sender, matched[i] ?? 0);
  });
  const rest = Math.max(LEAST_REST, 1 - matched.reduce((sum, weight) => sum + weight, 0));
  const elsewhere = direct.reduce((sum, { weight }) => sum + weight, posted);
  if (elsewhere === 0) return normalized(posterior);
  for (const { suspect, weight } of direct) {
    add('direct', suspect.sender, (rest * weight) / elsewhere);
  }
  for (const [sender, share] of ways.includes('account') ? posts.posters(payee, law) : []) {
    add('account', sender, (rest * posted * share) / elsewhere);
  }
  return normalized(posterior);
}

function normalized(posterior: ReadonlyMap<Hex, number>): Posterior {
  const sum = [...posterior.values()].reduce((a, b) => a + b, 0);
  return sum === 0 ? posterior : new Map([...posterior].map(([who, w]) => [who, w / sum]));
}
