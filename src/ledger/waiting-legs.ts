import type { Hex } from '../shared/bytes.ts';
import type { AuthMap } from './auth-map.ts';
import type { LegEntry, LegPayment } from './state.ts';

/**
 * Legs that wait, by when something becomes of them and by whom they wait among. Changed in place; follows from the map alone, which
 * decides: an id under its exit says only that it may be its turn then, for those lists keep what has left since.
 */
export interface WaitingLegs {
  /** By the round in which they may leave, or draw again. */
  readonly byExit: Map<number, Hex[]>;
  /** Of those that return when their patience ends: by the first round behind it, which may never come. What has left is not kept. */
  readonly byEnd: Map<number, Set<Hex>>;
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
  note(waiting.byExit, Number(entry.exitRound), id);
  if (entry.afterPatience === 'return') noteEnd(waiting.byEnd, endOf(entry), id);
  putInPool(waiting, id, entry);
}

/** Gives a leg, which is there, another exit. */
export function moveWaitingLeg(waiting: WaitingLegs, id: Hex, moved: LegEntry): void {
  note(waiting.byExit, Number(moved.exitRound), id);
  putInPool(waiting, id, moved);
}

/** Takes a leg out. */
export function dropWaitingLeg(waiting: WaitingLegs, id: Hex, entry: LegEntry): void {
  const key = keyOf(entry);
  const pool = waiting.pools.get(key);
  pool?.delete(id);
  if (pool?.size === 0) waiting.pools.delete(key);
  const ending = waiting.byEnd.get(endOf(entry));
  ending?.delete(id);
  if (ending?.size === 0) waiting.byEnd.delete(endOf(entry));
}

/** The ids that were noted for rounds up to `round`, ascending, none twice; they are not kept. */
export function takeNoted(lists: Map<number, Iterable<Hex>>, round: bigint): Hex[] {
  const due = [...lists.keys()].filter((noted) => noted <= round);
  const ids = new Set(due.flatMap((noted) => [...(lists.get(noted) ?? [])]));
  for (const noted of due) lists.delete(noted);
  return [...ids].sort();
}

function putInPool({ pools }: WaitingLegs, id: Hex, entry: LegEntry): void {
  const key = keyOf(entry);
  const pool = pools.get(key);
  if (pool === undefined) pools.set(key, new Map([[id, entry]]));
  else pool.set(id, entry);
}

function keyOf({ payment }: LegEntry): string {
  return payment === undefined ? '' : poolKey(payment);
}

function note(lists: Map<number, Hex[]>, round: number, id: Hex): void {
  const list = lists.get(round);
  if (list === undefined) lists.set(round, [id]);
  else list.push(id);
}

function endOf({ patience }: LegEntry): number {
  return Number(patience) + 1;
}

function noteEnd(lists: Map<number, Set<Hex>>, round: number, id: Hex): void {
  const list = lists.get(round);
  if (list === undefined) lists.set(round, new Set([id]));
  else list.add(id);
}
