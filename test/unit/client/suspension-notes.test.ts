import { expect, test } from 'vitest';
import { suspensionNotes } from '../../../src/client/suspension-notes.ts';
import { EAST, WEST } from '../../support/ledger.ts';

const source = { chainId: WEST, name: 'west' };
const destination = { chainId: EAST, name: 'east' };

test('nothing is said where neither of the chains is suspended', () => {
  const passage = { source, destination, way: 'pooled', sends: 'deposit' } as const;
  expect(suspensionNotes(passage, new Set([7n]))).toEqual([]);
});

test.each([
  ['pooled', /^east is suspended: .* waits in its pool/],
  ['direct', /^east is suspended: .* credited to your account/],
  ['transparent', /^east is suspended: .* refunded, less the fee/],
] as const)(
  'to a suspended destination a %s payout does not leave, and it is said what follows',
  (way, note) => {
    const notes = suspensionNotes({ source, destination, way, sends: 'deposit' }, new Set([EAST]));
    expect(notes).toEqual([expect.stringMatching(note)]);
  },
);

test('what goes in at a suspended chain counts when it goes on, and an order only if it has not expired', () => {
  const suspended = new Set([WEST]);
  const deposit = suspensionNotes({ source, sends: 'deposit' }, suspended);
  expect(deposit).toEqual([expect.stringMatching(/^west is suspended: .* only when .* goes on$/)]);
  const order = suspensionNotes({ source, sends: 'order' }, suspended);
  expect(order).toEqual([expect.stringMatching(/^west is suspended: .* if it has expired/)]);
});
