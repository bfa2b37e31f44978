import { printTable } from '../../report.ts';
import { ATTACKS, createGauge, type Figures } from '../figures.ts';
import { amount, pair, percent, share } from '../format.ts';
import type { Measured } from '../measures.ts';
import type { LegTruth } from '../records.ts';

/** Kinds of payouts, as tables name them. */
export const KINDS: readonly (readonly [string, (truth: LegTruth) => boolean])[] = [
  ['transparent', ({ mode }) => mode === 'transparent'],
  ['direct', ({ mode }) => mode === 'direct'],
  ['pooled', ({ mode }) => mode === 'pooled'],
  ['– one address, the default', isDefault],
  ['– several addresses, one payout each', isSeveral],
  ['– several payouts to one address', isSame],
  ['what stayed of it, a day later', isRest],
  ['account, a day later', ({ mode, isRest: stayed }) => mode === 'account' && !stayed],
];

/** What the wallet does unless it is told otherwise: one address, one payout. */
export function isDefault({ mode, addresses }: LegTruth): boolean {
  return mode === 'pooled' && addresses === 1;
}

/** Several addresses of one order that are paid once each. */
export function isSeveral({ mode, addresses, siblings }: LegTruth): boolean {
  return mode === 'pooled' && addresses !== 'same' && siblings > 1;
}

/** Several payouts to one address, which add up. */
export function isSame({ mode, addresses, siblings }: LegTruth): boolean {
  return mode === 'pooled' && addresses === 'same' && siblings > 1;
}

/** What stayed of a pooled deposit. */
export function isRest(truth: LegTruth): boolean {
  return truth.isRest;
}

/** Prints who can be linked at one load, and how long it took. */
export function printLinkage(measured: Measured, title: string): void {
  const gauge = createGauge(measured);
  const rows = KINDS.map(([name, kind]) => rowOf(name, gauge.figuresOf(kind)));
  printTable({
    title,
    columns: [
      ...['way', 'payouts', 'chance', ...ATTACKS],
      ...['effective set', 'honest roots beside it', 'out of patience', 'wait, h'],
    ],
    rows,
  });
}

function rowOf(name: string, figures: Figures): string[] {
  const { payouts, chance, linked, effective, others, returned, waitHours } = figures;
  const isPooled = Number.isFinite(others[0]) && others[0] > 0;
  return [
    ...[name, `${payouts}`, share(chance)],
    ...ATTACKS.map((attack) => share(linked.get(attack) ?? Number.NaN)),
    ...[pair(effective), isPooled ? pair(others) : '–', percent(returned), pair(waitHours)],
  ];
}

/** The way itself, for notes below tables. */
export function describeVolume({ history }: Measured): string {
  const { deposits, payouts, posts, rounds } = history;
  return `${amount(rounds)} rounds, ${amount(deposits.length)} deposits, ${amount(posts.length)} posts, ${amount(payouts.length)} payouts`;
}
