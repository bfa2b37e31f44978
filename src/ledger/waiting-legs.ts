import type { Hex } from '../shared/bytes.ts';
import type { AuthMap } from './auth-map.ts';
import type { LegEntry, LegPayment } from './state.ts';

/** Legs that wait, by when something becomes of them and by whom they wait among. Changed in place; follows from the map alone. */
export interface WaitingLegs {
  /** By the round in which they may leave, or draw again. */
  readonly byExit: Map<bigint, Set<Hex>>;
  /** Of those that return when their patience ends: by the first round behind it. */
  readonly byEnd: Map<bigint, Set<Hex>>;
  /** Those that pay, by asset, chain and amount. Dummies are under the empty key, so that they cost as much. */
  readonly pools: Map<string, Map<Hex, LegEntry>>;
}

// The index of the maps that transitions ended in: the next one goes on with it instead of looking at every leg.
const indices = new WeakMap<AuthMap<LegEntry>, WaitingLegs>();

/** The index of `legs`, for one owner: whoever asks next gets another. */
export function takeWaitingLegs(legs: AuthMap<LegEntry>): WaitingLegs {
  const kept = indices.get(legs);
  indices.delete(legs);
  if (kept !== undefined) return kept;
  const waiting: WaitingLegs = { byExit: new Map(), byEnd: new Map(), pools: new Map() };
  for (const [id, entry] of legs.entries()) addWaitingLeg(waiting, id, entry);
  return waiting;
}

/** Gives an index back that has followed every change up to `legs`. */
export function keepWaitingLegs(legs: AuthMap<LegEntry>, waiting: WaitingLegs): void {
  indices.set(legs, waiting);
}

/** The pool of a payment: what nobody can tell apart when it leaves. */
export function poolKey({ asset, chainId, amount }: LegPayment): string {
  return `${asset}:${chainId}:${amount}`;
}

/** Adds a leg. */
export function addWaitingLeg(waiting: WaitingLegs, id: Hex, entry: LegEntry): void {
  putIn(waiting.byExit, entry.exitRound, id);
  if (entry.afterPatience === 'return') putIn(waiting.byEnd, entry.patience + 1n, id);
  const key = keyOf(entry);
  const pool = waiting.pools.get(key);
  if (pool === undefined) waiting.pools.set(key, new Map([[id, entry]]));
  else pool.set(id, entry);
}

/** Takes a leg out, as it was put in. */
export function dropWaitingLeg(waiting: WaitingLegs, id: Hex, entry: LegEntry): void {
  takeOut(waiting.byExit, entry.exitRound, id);
  if (entry.afterPatience === 'return') takeOut(waiting.byEnd, entry.patience + 1n, id);
  const key = keyOf(entry);
  const pool = waiting.pools.get(key);
  pool?.delete(id);
  if (pool?.size === 0) waiting.pools.delete(key);
}

function keyOf({ payment }: LegEntry): string {
  return payment === undefined ? '' : poolKey(payment);
}

function putIn(sets: Map<bigint, Set<Hex>>, round: bigint, id: Hex): void {
  const set = sets.get(round);
  if (set === undefined) sets.set(round, new Set([id]));
  else set.add(id);
}

function takeOut(sets: Map<bigint, Set<Hex>>, round: bigint, id: Hex): void {
  const set = sets.get(round);
  set?.delete(id);
  if (set?.size === 0) sets.delete(round);
}
