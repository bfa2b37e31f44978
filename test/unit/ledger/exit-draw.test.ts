import { describe, expect, test } from 'vitest';
import { drawExit, stayOf, stayTable } from '../../../src/ledger/exit-draw.ts';
import { exitBits } from '../../../src/ledger/prf.ts';
import { toBigEndian, toHex } from '../../../src/shared/bytes.ts';
import { LEDGER_SECRET, wordOf } from '../../support/ledger.ts';

const ONE = 1n << 64n;
const ids = Array.from({ length: 4_000 }, (_, i) => toHex(toBigEndian(BigInt(i), 32)));

describe('the table', () => {
  test('of a half halves down to nothing', () => {
    const table = stayTable(2);
    expect(table).toHaveLength(65);
    expect(table[0]).toBe(ONE / 2n);
    expect(table[63]).toBe(1n);
    expect(table[64]).toBe(0n);
  });

  test('of one round lets nothing stay', () => {
    expect(stayTable(1)).toEqual([0n]);
  });

  test('of 96 rounds follows (95/96)^(g + 1) and ends', () => {
    const table = stayTable(96);
    for (const g of [0, 10, 95, 500]) {
      expect(Number(table[g]) / Number(ONE)).toBeCloseTo((95 / 96) ** (g + 1), 12);
    }
    expect(table.at(-1)).toBe(0n);
    expect(table.length).toBeLessThan(6_000);
  });
});

describe('a stay', () => {
  test('is the first round whose chance of staying longer is not above the bits', () => {
    const table = stayTable(96);
    const slow = (bits: bigint) => table.findIndex((stays) => bits >= stays);
    const edges = [0, 1, 7, 95, 400].flatMap((g) => {
      const stays = table[g] ?? 0n;
      return [stays - 1n, stays, stays + 1n];
    });
    for (const bits of [0n, 1n, ONE - 1n, ...edges]) expect(stayOf(table, bits)).toBe(slow(bits));
  });

  test('is none for the highest bits and the longest for zero', () => {
    const table = stayTable(2);
    expect(stayOf(table, ONE - 1n)).toBe(0);
    expect(stayOf(table, ONE / 2n)).toBe(0);
    expect(stayOf(table, ONE / 2n - 1n)).toBe(1);
    expect(stayOf(table, 0n)).toBe(64);
  });
});

describe('an exit', () => {
  const law = { secret: LEDGER_SECRET, table: stayTable(4) };

  test('comes at the mean that the law says', () => {
    const stays = ids.map((id) => Number(drawExit(law, id, 10n) - 10n));
    const mean = stays.reduce((sum, stay) => sum + stay, 0) / stays.length;
    // 1/p − 1 = 3 with a standard error of 0.055; deterministic, so that this cannot fail by chance.
    expect(Math.abs(mean - 3)).toBeLessThan(0.2);
    expect(Math.abs(stays.filter((stay) => stay === 0).length / stays.length - 0.25)).toBeLessThan(
      0.03,
    );
  });

  test('differs by secret, leg and the round it is drawn from', () => {
    const draws = [
      exitBits(LEDGER_SECRET, wordOf(1), 5n),
      exitBits(LEDGER_SECRET, wordOf(1), 6n),
      exitBits(LEDGER_SECRET, wordOf(2), 5n),
      exitBits(new Uint8Array(32), wordOf(1), 5n),
    ];
    expect(new Set(draws).size).toBe(4);
  });
});
