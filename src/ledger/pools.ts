import type { CrowdFactor } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import { creditAccount, writeAccount } from './accounts.ts';
import { type Draft, exitLaw, rateOf } from './draft.ts';
import { drawExit } from './exit-draw.ts';
import { dropLeg, moveExit } from './legs.ts';
import type { LegEntry, LegPayment } from './state.ts';
import { poolKey, takeNoted } from './waiting-legs.ts';

// SPEC: docs/protocol.md §10.

/** The most roots that legs can ask for first, so that what is left is the largest set. */
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
  const companies = new Map<string, ReadonlySet<Hex>>();
  for (const id of takeNoted(draft.waiting.byExit, draft.round)) {
    const entry = draft.legs.get(id);
    if (entry?.exitRound !== draft.round) continue;
    // SECURITY: all that are due draw and are written, whether they leave or not.
    const exitRound = nextExit(draft, id);
    if (isLeaving(draft, companies, { id, entry })) leave(draft, id, entry);
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

/** A leg whose turn it is. */
interface DueLeg {
  readonly id: Hex;
  readonly entry: LegEntry;
}

/** @param companies of the pools that have been asked for in this round, before anything left them */
function isLeaving(
  draft: Draft,
  companies: Map<string, ReadonlySet<Hex>>,
  { id, entry }: DueLeg,
): boolean {
  const { payment, notBefore } = entry;
  if (payment === undefined) return notBefore <= draft.round;
  const key = poolKey(payment);
  const company = companies.get(key) ?? companyOf(draft, payment);
  companies.set(key, company);
  return company.has(id);
}

/** The largest set of legs of a pool of which each may leave now with the others. */
function companyOf(draft: Draft, pool: LegPayment): ReadonlySet<Hex> {
  const { leastRoots } = draft.rules.pools;
  const waiting = draft.waiting.pools.get(poolKey(pool)) ?? new Map<Hex, LegEntry>();
  let company = isOpenPool(draft, pool)
    ? [...waiting].filter(([, entry]) => isReady(draft, entry))
    : [];
  for (const crowd of CROWDS) {
    const roots = new Set(company.map(([, { payment }]) => payment?.root));
    if (roots.size >= crowd * leastRoots) continue;
    company = company.filter(([, { payment }]) => (payment?.crowd ?? crowd) < crowd);
  }
  return new Set(company.map(([id]) => id));
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
