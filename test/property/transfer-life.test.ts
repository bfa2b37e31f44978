import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSeers, type Seen } from '../support/transfer-seers.ts';
import { createTransferWorld, type WorldStep } from '../support/transfer-world.ts';

const step = fc.record<WorldStep>({
  kind: fc.constantFrom(
    'deposit',
    'commit',
    'release',
    'release',
    'claim',
    'finalize',
    'finalize',
    'replay',
    'reorganise',
    'journal',
    'view',
  ),
  chain: fc.constantFrom(0, 1),
  pick: fc.nat({ max: 11 }),
});

test('journal and view agree on state and reason of every message and release, whatever happened', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const world = createTransferWorld();
      const seers = createSeers(world);
      for (const each of steps) {
        // Looks come late, twice or in another order than what they show.
        if (each.kind === 'journal') seers.lookForJournal(each.chain);
        else if (each.kind === 'view') await seers.lookForView();
        else world.apply(each);
        if (each.pick === 11) await compare(seers);
      }
      await compare(seers);
    }),
    { numRuns: 200 },
  );
});

test('the random histories reach every state that chains can show', async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120 }), async (steps) => {
      const world = createTransferWorld();
      const seers = createSeers(world);
      for (const each of steps) world.apply(each);
      await seers.lookForView();
      for (const { reason } of seers.viewed()) reached.add(reason);
    }),
    { numRuns: 60, seed: 7 },
  );
  expect([...reached].sort()).toEqual([
    'already-spent',
    'claim-final',
    'claim-included',
    'claimed-in-part',
    'commit-final',
    'commit-included',
    'deposit-final',
    'deposit-included',
    'payout-failed',
    'payout-final',
    'payout-included',
    'refund-included',
    'replayed-to-proven-head',
  ]);
});

async function compare(seers: ReturnType<typeof createSeers>): Promise<void> {
  seers.lookForJournal(0);
  seers.lookForJournal(1);
  await seers.lookForView();
  expect(sorted(seers.journaled())).toEqual(sorted(seers.viewed()));
}

function sorted(seen: readonly Seen[]): Seen[] {
  return [...seen].sort((a, b) => a.subject.localeCompare(b.subject));
}
