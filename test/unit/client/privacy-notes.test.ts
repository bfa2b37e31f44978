import { describe, expect, test } from 'vitest';
import { type PaymentFacts, privacyNotes } from '../../../src/client/privacy-notes.ts';
import { addressOf } from '../../support/ledger.ts';

const QUIET: PaymentFacts = {
  way: 'pooled',
  own: [addressOf(1)],
  recipient: addressOf(2),
  paidBefore: new Set(),
  expectedOthers: [12],
  leastRoots: 8,
  depositedLately: false,
  rest: 0n,
};

test('a pooled payout among many, to an address that nobody has seen, links nothing', () => {
  expect(privacyNotes(QUIET)).toEqual([]);
});

describe('a choice that links is named:', () => {
  test.each<[string, Partial<PaymentFacts>, RegExp]>([
    ['the open way', { way: 'transparent' }, /in the open/],
    ['the direct way', { way: 'direct' }, /amount and time link/],
    ['a recipient that pays itself', { recipient: addressOf(1) }, /address of the payer/],
    [
      'a recipient that was paid before',
      { paidBefore: new Set([addressOf(2)]) },
      /paid by the bridge before/,
    ],
    [
      'an amount that few have used lately',
      { expectedOthers: [3] },
      /few payouts of such an amount/,
    ],
    ['a deposit of the day before', { depositedLately: true }, /within the last day/],
    ['several payouts to one address', { expectedOthers: [30, 12] }, /add up to what is paid in/],
    ['a part that no pool takes', { rest: 1n }, /stays in the account/],
  ])('%s', (_, change, note) => {
    const notes = privacyNotes({ ...QUIET, ...change });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(note);
  });
});

test('of a direct payment it is not said how pools are', () => {
  expect(
    privacyNotes({ ...QUIET, way: 'direct', expectedOthers: [0], depositedLately: true }),
  ).toHaveLength(1);
});
