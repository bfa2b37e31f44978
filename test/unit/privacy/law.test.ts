import { expect, it } from 'vitest';
import { type Payee, payeeOf } from '../../../bench/privacy/adversaries/clues.ts';
import { timeLawOf } from '../../../bench/privacy/adversaries/law.ts';
import type { Company } from '../../../bench/privacy/company.ts';
import { ASSETS, POLKADOT } from '../../../bench/privacy/market.ts';
import type { PayoutSeen, PublicView } from '../../../bench/privacy/records.ts';

const STAY = 8;
const ENTRY = 20;
const ROUNDS = 260;
const view: PublicView = {
  ...{ pools: { leastRoots: 2, meanStayRounds: STAY }, modeShares: [], addressShares: [] },
  ...{ rounds: ROUNDS, deposits: [], payouts: [], posts: [], gasPayers: new Map() },
};

function paidIn(...rounds: readonly number[]): Payee {
  const payouts = rounds.map(
    (round, id): PayoutSeen => ({
      ...{ id, round, chainId: POLKADOT, asset: ASSETS[0].asset, amount: 950 },
      ...{ recipient: `0x${'01'.repeat(20)}`, tag: '0x' },
    }),
  );
  return payeeOf(payouts[0]!, payouts);
}

function companyOf(isOpen: (round: number) => boolean): Company {
  const open = new Float64Array(ROUNDS + 1);
  for (let round = 1; round <= ROUNDS; round++) {
    open[round] = open[round - 1]! + (isOpen(round) ? 1 : 0);
  }
  return { honestOthers: () => 0, openRounds: () => open };
}

const densities = (company: Company) =>
  Array.from({ length: 150 }, (_, i) => {
    return timeLawOf(view, company, paidIn(ENTRY + i)).densityAt(ENTRY);
  });

it('the law of one leg sums to one over all rounds that it can leave in', () => {
  const all = densities(companyOf(() => true));
  expect(all.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 3);
});

it('the law of two legs of one order sums to one too, and is not that of strangers', () => {
  const company = companyOf(() => true);
  let sum = 0;
  for (let a = 0; a < 110; a++) {
    for (let b = 0; b < 110; b++) {
      sum += timeLawOf(view, company, paidIn(ENTRY + a, ENTRY + b)).densityAt(ENTRY);
    }
  }
  expect(sum).toBeCloseTo(1, 2);
  const [early] = densities(company);
  const both = timeLawOf(view, company, paidIn(ENTRY, ENTRY)).densityAt(ENTRY);
  expect(both).toBeGreaterThan(2 * early! ** 2);
});

it('time in which a pool was too small does not count', () => {
  const isClosed = (round: number) => round >= ENTRY && round < ENTRY + 60;
  const waited = timeLawOf(
    view,
    companyOf((round) => !isClosed(round)),
    paidIn(ENTRY + 61),
  );
  const always = timeLawOf(
    view,
    companyOf(() => true),
    paidIn(ENTRY + 61),
  );
  expect(waited.densityAt(ENTRY)).toBeGreaterThan(100 * always.densityAt(ENTRY));
});
