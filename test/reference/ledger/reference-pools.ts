import type { LegEntry, LegPayment } from '../../../src/ledger/state.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { chainOf, credit, rateOf } from './lookups.ts';
import { drawExit } from './reference-draws.ts';
import type { Round } from './reference-round.ts';

interface Waiting {
  readonly id: Hex;
  readonly entry: LegEntry;
  readonly payment: LegPayment;
}

/** Gives back what has waited as long as its order allows. */
export function returnImpatient({ state, round }: Round): void {
  for (const [id, { payment, patience, afterPatience }] of state.legs) {
    if (round <= patience || afterPatience === 'wait') continue;
    state.legs.delete(id);
    if (payment) credit(state, payment.account, payment.asset, payment.amount);
  }
}

/** Lets leave what leaves in this round; the others whose turn it was draw again. */
export function leavePools(round: Round): void {
  const { state } = round;
  const waiting: Waiting[] = [...state.legs].flatMap(([id, entry]) =>
    entry.payment ? [{ id, entry, payment: entry.payment }] : [],
  );
  const leaving = waiting.filter(
    (leg) => leg.entry.exitRound === round.round && companyOf(round, waiting, leg).includes(leg),
  );
  for (const [id, entry] of [...state.legs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (entry.exitRound !== round.round) continue;
    const leg = leaving.find((other) => other.id === id);
    const isDoneDummy = entry.payment === undefined && entry.notBefore <= round.round;
    if (isDoneDummy) state.legs.delete(id);
    else if (leg) release(round, leg);
    else stay(round, id, entry);
  }
}

/** Draws again, from the next round on. */
export function stay(round: Round, id: Hex, entry: LegEntry): void {
  const exitRound = drawExit(round, id, round.round + 1n);
  round.state.legs.set(id, { ...entry, exitRound });
}

/** The largest set of legs of its pool that may leave now with each other. */
function companyOf(round: Round, waiting: readonly Waiting[], leg: Waiting): Waiting[] {
  const k = round.input.rules.pools.leastRoots;
  let company = waiting.filter((other) => isSamePool(leg, other) && isReady(round, other));
  for (const crowd of [4, 2, 1]) {
    if (rootsOf(company) < crowd * k) {
      company = company.filter(({ payment }) => payment.crowd < crowd);
    }
  }
  return company;
}

function isSamePool({ payment: a }: Waiting, { payment: b }: Waiting): boolean {
  return a.asset === b.asset && a.chainId === b.chainId && a.amount === b.amount;
}

function isReady({ state, round }: Round, { entry, payment }: Waiting): boolean {
  const { asset, chainId, amount } = payment;
  const rate = rateOf(state, asset, chainId);
  const isPatient = round <= entry.patience || entry.afterPatience === 'wait';
  if (entry.notBefore > round || !isPatient || chainOf(state, chainId)!.isSuspended) return false;
  return rate !== undefined && amount > rate;
}

function rootsOf(legs: readonly Waiting[]): number {
  return new Set(legs.map(({ payment }) => payment.root)).size;
}

function release(round: Round, { id, entry, payment }: Waiting): void {
  const { tag, asset, recipient, amount, chainId } = payment;
  const rate = rateOf(round.state, asset, chainId)!;
  const paid = { tag, asset, recipient, amount: amount - rate, refundOf: 0n };
  round.state.legs.delete(id);
  round.payouts.push({ chainId, release: paid, rate, from: { kind: 'pooled', id, entry } });
}
