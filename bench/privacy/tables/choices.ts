import { printTable } from '../../report.ts';
import { createGauge } from '../figures.ts';
import { pair, percent, share } from '../format.ts';
import { type Measured, measure } from '../measures.ts';
import type { AddressShares, LegTruth } from '../records.ts';
import { onePool, type Variation, wholeBridge } from '../scenarios.ts';
import { simulate } from '../simulate.ts';
import { isDefault, isRest, isSame, isSeveral } from './linkage.ts';

const SPREAD: AddressShares = [[6, 1]];

/** Prints what a user can do about it at one load. @param usual the world of the same load that has been measured already */
export function printChoices(usual: Measured, variation: Variation): void {
  const spread = measure(simulate(wholeBridge({ ...variation, addressShares: SPREAD })).history);
  const alike = measure(simulate(onePool(variation)).history);
  const rows = [
    rowOf('one address, the rest stays: the default', usual, isDefault),
    rowOf('what stayed, withdrawn a day later', usual, isRest),
    rowOf('several addresses, one payout each', usual, isSeveral),
    rowOf('the same, as everybody does', spread, isSeveral),
    rowOf('all payouts to one address', usual, isSame),
    rowOf(
      'into the account, a part withdrawn a day later',
      usual,
      (leg) => leg.mode === 'account' && !isRest(leg),
    ),
    rowOf('one payout, where everybody pays in the same amount', alike, isPooled),
  ];
  printTable({
    title: `What a user can choose, ${variation.perHour} deposits an hour`,
    columns: ['choice', 'payouts', 'chance', 'linked by laws', 'effective set', 'out of patience'],
    rows,
  });
}

function rowOf(name: string, measured: Measured, kind: (truth: LegTruth) => boolean): string[] {
  const { payouts, chance, linked, effective, returned } = createGauge(measured).figuresOf(kind);
  const byLaws = share(linked.get('laws') ?? Number.NaN);
  return [name, `${payouts}`, share(chance), byLaws, pair(effective), percent(returned)];
}

function isPooled({ mode }: LegTruth): boolean {
  return mode === 'pooled';
}
