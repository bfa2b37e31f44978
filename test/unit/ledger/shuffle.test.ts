import { expect, test } from 'vitest';
import { shuffleKey } from '../../../src/ledger/prf.ts';
import { shuffle } from '../../../src/ledger/shuffle.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { EAST, LEDGER_SECRET, WEST } from '../../support/ledger.ts';

const KEY = shuffleKey(LEDGER_SECRET, EAST, 1n);

test('the key differs by secret, round and chain', () => {
  const keys = [
    KEY,
    shuffleKey(LEDGER_SECRET, EAST, 2n),
    shuffleKey(LEDGER_SECRET, WEST, 1n),
    shuffleKey(new Uint8Array(32), EAST, 1n),
  ];
  expect(new Set(keys.map(toHex)).size).toBe(4);
});

test('every place is about equally likely for every item', () => {
  const seen = new Map<string, number>();
  for (let round = 1n; round <= 2_000n; round++) {
    shuffle(['a', 'b', 'c', 'd'], shuffleKey(LEDGER_SECRET, EAST, round)).forEach((item, place) => {
      seen.set(`${item}${place}`, (seen.get(`${item}${place}`) ?? 0) + 1);
    });
  }
  // 16 counts around 500 with a standard deviation of 19; deterministic, so that this cannot fail by chance.
  expect(seen.size).toBe(16);
  for (const count of seen.values()) expect(Math.abs(count - 500)).toBeLessThan(100);
});

test('the items do not decide the order', () => {
  const letters = shuffle([...'abcdefgh'], KEY);
  const places = shuffle([0, 1, 2, 3, 4, 5, 6, 7], KEY);
  expect(places.map((place) => 'abcdefgh'[place])).toEqual(letters);
});
