import type { Hex } from '../../src/shared/bytes.ts';
import { poolOf } from './market.ts';
import type { History, LegTruth } from './records.ts';

/** Who was in the pools, round by round. */
export interface Company {
  /** Other honest roots of which a leg might have left in the round in which this one did, or in which its patience ended. */
  honestOthers(leg: LegTruth): number;
  /** Of a pool, at place r: rounds up to r in which the floor's roots were there, so that a leg could leave. */
  openRounds(pool: string): Float64Array;
}

/** Follows every leg through its pool. */
export function followPools({ legs, rounds, pools }: History): Company {
  const others = new Map<LegTruth, number>();
  const open = new Map<string, Float64Array>();
  const pooled = legs.filter(({ mode }) => mode === 'pooled' || mode === 'account');
  const byPool = Map.groupBy(pooled, (leg) => poolOf(leg.asset, leg.chainId, leg.amount));
  for (const [key, inPool] of byPool) {
    open.set(key, followPool(inPool, { rounds, leastRoots: pools.leastRoots, others }));
  }
  const never = new Float64Array(rounds + 1);
  return {
    honestOthers: (leg) => others.get(leg) ?? 0,
    openRounds: (pool) => open.get(pool) ?? never,
  };
}

function followPool(
  legs: readonly LegTruth[],
  {
    rounds,
    leastRoots,
    others,
  }: {
    readonly rounds: number;
    readonly leastRoots: number;
    readonly others: Map<LegTruth, number>;
  },
): Float64Array {
  const ready = legs.filter(isEverReady);
  const [starts, ends] = [Map.groupBy(ready, startOf), Map.groupBy(ready, endOf)];
  const open = new Float64Array(rounds + 1);
  const roots: Roots = { all: new Map(), honest: new Map() };
  for (let round = 1; round <= rounds; round++) {
    for (const leg of starts.get(round) ?? []) countRoot(roots, leg, 1);
    open[round] = (open[round - 1] ?? 0) + (roots.all.size >= leastRoots ? 1 : 0);
    const leaving = ends.get(round) ?? [];
    // Nobody is company for themselves.
    for (const leg of leaving) others.set(leg, roots.honest.size - (leg.isAttacker ? 0 : 1));
    for (const leg of leaving) countRoot(roots, leg, -1);
  }
  return open;
}

function startOf({ enterRound, notBefore }: LegTruth): number {
  return Math.max(enterRound, notBefore);
}

/** The last round in which it might leave: the one in which it has, or that of its patience. */
function endOf({ exitRound, patience }: LegTruth): number {
  return exitRound ?? patience;
}

function isEverReady(leg: LegTruth): boolean {
  return endOf(leg) >= startOf(leg);
}

/** Legs by their roots. */
interface Roots {
  readonly all: Map<Hex, number>;
  readonly honest: Map<Hex, number>;
}

function countRoot({ all, honest }: Roots, { root, isAttacker }: LegTruth, change: number): void {
  for (const roots of isAttacker ? [all] : [all, honest]) {
    const left = (roots.get(root) ?? 0) + change;
    if (left === 0) roots.delete(root);
    else roots.set(root, left);
  }
}
