import { printTable } from '../../report.ts';
import { createGauge } from '../figures.ts';
import { pair, percent, share } from '../format.ts';
import { type Measured, measure } from '../measures.ts';
import type { LegTruth } from '../records.ts';
import { onePool, type Variation, wholeBridge } from '../scenarios.ts';
import { simulate } from '../simulate.ts';

/** Prints what a user can do about it at one load. @param usual the world of the same load that has been measured already */
export function printChoices(usual: Measured, variation: Variation): void {
  const spread = measure(simulate(wholeBridge({ ...variation, isSpread: true })).history);
  const alike = measure(simulate(onePool(variation)).history);
  const rows = [
    rowOf('several legs to one address', usual, (leg) => isPooled(leg) && leg.siblings > 1),
    rowOf('one leg', usual, (leg) => isPooled(leg) && leg.siblings === 1),
    rowOf(
      'several legs, an address for each, as everybody does',
      spread,
      (leg) => isPooled(leg) && leg.siblings > 1,
    ),
    rowOf(
      'one leg, where everybody has an address for each',
      spread,
      (leg) => isPooled(leg) && leg.siblings === 1,
    ),
    rowOf(
      'into the account, a part withdrawn a day later',
      usual,
      ({ mode }) => mode === 'account',
    ),
    rowOf('one leg, where everybody pays in the same amount', alike, isPooled),
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
