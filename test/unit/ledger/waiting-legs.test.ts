import { describe, expect, test } from 'vitest';
import { emptyMap } from '../../../src/ledger/auth-map.ts';
import { LEG_VALUES } from '../../../src/ledger/entry-codecs.ts';
import {
  addWaitingLeg,
  dropWaitingLeg,
  takeNoted,
  takeWaitingLegs,
} from '../../../src/ledger/waiting-legs.ts';
import { DUMMY, LEG, word } from '../../support/ledger-sample.ts';

const LAST_ROUND = 2n ** 64n - 1n;

describe('what has left the pools', () => {
  test.each([
    ['a leg', { ...LEG, afterPatience: 'return' } as const],
    ['a dummy', DUMMY],
  ])('leaves nothing that waits for the end of its patience: %s', (_, entry) => {
    const waiting = takeWaitingLegs(emptyMap(LEG_VALUES));
    const patient = { ...entry, patience: LAST_ROUND };
    for (const id of [word('01'), word('02')]) addWaitingLeg(waiting, id, patient);
    dropWaitingLeg(waiting, word('01'), patient);
    expect([...waiting.byEnd.values()].map((ids) => [...ids])).toEqual([[word('02')]]);
    dropWaitingLeg(waiting, word('02'), patient);
    expect(waiting.byEnd.size).toBe(0);
    expect(waiting.pools.size).toBe(0);
  });
});

describe('whose patience ends', () => {
  test('is told once, by ascending id, in the round behind it', () => {
    const waiting = takeWaitingLegs(emptyMap(LEG_VALUES));
    for (const id of [word('02'), word('01')]) addWaitingLeg(waiting, id, DUMMY);
    expect(takeNoted(waiting.byEnd, DUMMY.patience)).toEqual([]);
    expect(takeNoted(waiting.byEnd, DUMMY.patience + 1n)).toEqual([word('01'), word('02')]);
    expect(takeNoted(waiting.byEnd, DUMMY.patience + 2n)).toEqual([]);
  });
});
