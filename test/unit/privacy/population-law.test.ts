import { expect, it } from 'vitest';
import {
  aloneShare,
  learnWithdrawals,
  sameShare,
} from '../../../bench/privacy/adversaries/population-law.ts';
import { RUNG_AMOUNTS } from '../../../bench/privacy/market.ts';
import { ADDRESS_SHARES, MODE_SHARES, REST_SHARE } from '../../../bench/privacy/population.ts';
import type { PublicView } from '../../../bench/privacy/records.ts';
import { laterParts } from '../../../bench/privacy/rest.ts';

const view: PublicView = {
  ...{ pools: { leastRoots: 8, meanStayRounds: 96 }, modeShares: MODE_SHARES },
  ...{ addressShares: ADDRESS_SHARES, rounds: 1, deposits: [], payouts: [], posts: [] },
  gasPayers: new Map(),
};

it('a part is paid alone by all who named enough addresses, and the only part by everybody', () => {
  expect(sameShare(view)).toBe(0.1);
  const shares = [0, 1, 2, 3, 4].map((part) => aloneShare(view, { part, of: 6 }));
  expect(shares.map((share) => Math.round(100 * share))).toEqual([90, 15, 7, 2, 0]);
  expect(aloneShare(view, { part: 0, of: 1 })).toBe(1);
});

it('what stays is withdrawn by the largest amount that is left when each order is paid for', () => {
  expect(laterParts(8_700)).toEqual([2_000, 1_000]);
  expect(laterParts(7_000)).toEqual([1_000]);
  expect(laterParts(1_900)).toEqual([]);
});

it('withdrawals are expected of accounts and of what stays, and none before a day has passed', () => {
  const { perHour, ofAccounts, ofRests, shareOf } = learnWithdrawals(view);
  const sum = (hours: Float64Array | undefined) =>
    [...(hours ?? [])].reduce((all, one) => all + one, 0);
  const [account, pooled] = [0.25 / 0.9, 0.5 / 0.9];
  // Each has a first one; half have a second.
  expect(sum(ofRests[0])).toBeCloseTo(pooled * 0.75 * REST_SHARE, 6);
  expect(sum(ofRests[1]) / sum(ofRests[0])).toBeCloseTo(0.5, 1);
  expect(sum(ofAccounts)).toBeLessThan(1.5 * account);
  expect(sum(perHour)).toBeGreaterThan(sum(ofAccounts));
  expect(sum(perHour.slice(0, 24))).toBe(0);
  const shares = RUNG_AMOUNTS.reduce((all, amount) => all + shareOf(amount), 0);
  expect(shares).toBeCloseTo(1, 3);
});
