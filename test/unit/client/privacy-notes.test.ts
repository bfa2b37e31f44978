import { describe, expect, test } from 'vitest';
import { type PaymentFacts, privacyNotes } from '../../../src/client/privacy-notes.ts';
import { expectedOthers } from '../../../src/client/public-payouts.ts';
import { addressOf } from '../../support/ledger.ts';

const QUIET: PaymentFacts = {
  way: 'pooled',
  own: [addressOf(1)],
  recipients: [addressOf(2)],
  paidBefore: new Set(),
  expectedOthers: [12],
  depositors: 8,
  depositedLately: false,
};

test('a pooled payout among many, to an address that nobody has seen, links nothing', () => {
  expect(privacyNotes(QUIET)).toEqual([]);
});

describe('a choice that links is named:', () => {
  test.each<[string, Partial<PaymentFacts>, RegExp]>([
    ['the open way', { way: 'transparent' }, /in the open/],
    ['the direct way', { way: 'direct' }, /amount and time link/],
    ['a recipient that pays itself', { recipients: [addressOf(1)] }, /address of the payer/],
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
  ])('%s', (_, change, note) => {
    const notes = privacyNotes({ ...QUIET, ...change });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(note);
  });
});

test('of several recipients each is looked at, and that they are several is said', () => {
  const recipients = [addressOf(2), addressOf(3), addressOf(1)];
  const paidBefore = new Set([addressOf(3)]);
  const notes = privacyNotes({ ...QUIET, recipients, paidBefore, expectedOthers: [30, 20, 12] });
  expect(notes).toEqual([
    expect.stringContaining(`${addressOf(3)} was paid by the bridge before`),
    expect.stringContaining(`${addressOf(1)} is an address of the payer`),
    expect.stringContaining('used together'),
  ]);
});

test('a pool that sees less than half a payout an hour is called quiet with a floor of 8 and a stay of 8 hours', () => {
  const times = { windowSec: 86_400n, stayRounds: 96, roundSec: 300n };
  const notesOf = (count: number) =>
    privacyNotes({ ...QUIET, expectedOthers: [expectedOthers(count, times)] });
  expect(notesOf(12)).toEqual([expect.stringContaining('alone')]);
  expect(notesOf(20)).toEqual([expect.stringContaining('alone')]);
  expect(notesOf(24)).toEqual([]);
});

test('a payout that wants a larger crowd is held against that crowd', () => {
  const notesFor = (depositors: number) => privacyNotes({ ...QUIET, depositors });
  expect(notesFor(13)).toEqual([]);
  expect(notesFor(16)).toEqual([expect.stringContaining('few payouts of such an amount')]);
});

test('of a direct payment it is not said how pools are', () => {
  expect(
    privacyNotes({ ...QUIET, way: 'direct', expectedOthers: [0], depositedLately: true }),
  ).toHaveLength(1);
});
