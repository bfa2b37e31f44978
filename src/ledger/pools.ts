import type { CrowdFactor } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import { creditAccount, writeAccount } from './accounts.ts';
import { type Draft, exitLaw, rateOf } from './draft.ts';
import { drawExit } from './exit-draw.ts';
import { dropLeg, moveExit } from './legs.ts';
import type { LegEntry, LegPayment } from './state.ts';
import { poolKey, takeNoted } from './waiting-legs.ts';

// SPEC: docs/protocol.md §10.

/** What most roots are asked for comes first, so that the first that there are enough for is of the largest set. */
const CROWDS: readonly CrowdFactor[] = [4, 2, 1];

/**
 * Gives back to their accounts what has waited as long as its order allows. Dummies of such orders go.
 *
 * SECURITY: one write of an account for each, leg or dummy.
 */
export function returnImpatient(draft: Draft): void {
  for (const id of takeNoted(draft.waiting.byEnd, draft.round)) {
    const entry = draft.legs.get(id);
    if (entry === undefined) continue;
    dropLeg(draft, id, entry);
    if (entry.payment === undefined) writeAccount(draft, undefined, id);
    else creditAccount(draft, entry.payment.account, entry.payment);
  }
}

/** Lets leave what leaves in this round, by ascending leg id. What may not draws again, from the next round on. */
export function leavePools(draft: Draft): void {
  const crowds = new Map<string, CrowdFactor | 0>();
  for (const id of takeNoted(draft.waiting.byExit, draft.round)) {
    const entry = draft.legs.get(id);
    if (entry?.exitRound !== draft.round) continue;
    // SECURITY: all that are due draw and are written, whether they leave or not.
    const exitRound = nextExit(draft, id);
    if (isLeaving(draft, crowds, entry)) leave(draft, id, entry);
    else moveExit(draft, id, entry, exitRound);
  }
}

/** Puts a leg back that was about to leave. */
export function stayInPool(draft: Draft, id: Hex, entry: LegEntry): LegEntry {
  return { ...entry, exitRound: nextExit(draft, id) };
}

function nextExit(draft: Draft, id: Hex): bigint {
  return drawExit(exitLaw(draft), id, draft.round + 1n);
}

/** @param crowds of the pools that have been asked for in this round, before anything left them */
function isLeaving(draft: Draft, crowds: Map<string, CrowdFactor | 0>, entry: LegEntry): boolean {
  const { payment, notBefore } = entry;
  if (payment === undefined) return notBefore <= draft.round;
  const key = poolKey(payment);
  const most = crowds.get(key) ?? crowdOf(draft, payment);
  crowds.set(key, most);
  return isReady(draft, entry) && payment.crowd <= most;
}

/**
 * What legs of a pool may ask for at most to leave now: of the largest set of which each may leave with the others. 0 if there is none.
 */
function crowdOf(draft: Draft, pool: LegPayment): CrowdFactor | 0 {
  if (!isOpenPool(draft, pool)) return 0;
  const waiting = draft.waiting.pools.get(poolKey(pool)) ?? new Map<Hex, LegEntry>();
  return CROWDS.find((crowd) => hasRoots(draft, waiting.values(), crowd)) ?? 0;
}

/** Whether what may leave now and asks for no more than `crowd` times the floor has as many roots. */
function hasRoots(draft: Draft, waiting: Iterable<LegEntry>, crowd: CrowdFactor): boolean {
  const roots = new Set<Hex>();
  for (const entry of waiting) {
    const { payment } = entry;
    if (payment === undefined || payment.crowd > crowd || !isReady(draft, entry)) continue;
    roots.add(payment.root);
    if (roots.size >= crowd * draft.rules.pools.leastRoots) return true;
  }
  return false;
}

/** Whether the pool's chain can pay it at all, and something is left when it has. */
function isOpenPool(draft: Draft, { asset, chainId, amount }: LegPayment): boolean {
  const isSuspended = draft.chains.get(chainId)?.isSuspended ?? true;
  return !isSuspended && amount > (rateOf(draft, asset, chainId) ?? amount);
}

function isReady({ round }: Draft, { notBefore, patience, afterPatience }: LegEntry): boolean {
  return notBefore <= round && (round <= patience || afterPatience === 'wait');
}

/** A dummy goes, a leg is released. */
function leave(draft: Draft, id: Hex, entry: LegEntry): void {
  dropLeg(draft, id, entry);
  if (entry.payment === undefined) return;
  const { asset, chainId, amount, recipient, tag } = entry.payment;
  const rate = rateOf(draft, asset, chainId) ?? 0n;
  const release = { tag, asset, recipient, amount: amount - rate, refundOf: 0n };
  draft.payouts.push({ chainId, release, rate, origin: { kind: 'pooled', id, entry } });
}
