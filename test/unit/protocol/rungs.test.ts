import { describe, expect, it } from 'vitest';
import { isCanonical, rungAmount, splitIntoRungs } from '../../../src/protocol/rungs.ts';

const UNIT = 10n ** 16n;
const ofUnits = (...amounts: readonly bigint[]) => amounts.map((amount) => amount * UNIT);

describe('a rung', () => {
  it('is 1, 2 or 5 times a power of ten times the unit', () => {
    const amounts = [0, 1, 2, 3, 4, 5, 6].map((code) => rungAmount(UNIT, code));
    expect(amounts).toEqual(ofUnits(1n, 2n, 5n, 10n, 20n, 50n, 100n));
  });

  it('makes its amount canonical, and no other', () => {
    const terms = { poolUnit: UNIT, rungs: [3, 5] };
    expect(ofUnits(10n, 50n).every((amount) => isCanonical(terms, amount))).toBe(true);
    const others = [0n, 10n * UNIT - 1n, 10n * UNIT + 1n, ...ofUnits(1n, 20n, 100n)];
    expect(others.some((amount) => isCanonical(terms, amount))).toBe(false);
  });
});

describe('an amount', () => {
  const terms = { poolUnit: UNIT, rungs: [3, 4, 5, 6] };

  it('is split from the largest rung down, and says what is left', () => {
    const { parts, rest } = splitIntoRungs(183n * UNIT + 7n, terms);
    expect(parts).toEqual(ofUnits(100n, 50n, 20n, 10n));
    expect(rest).toBe(3n * UNIT + 7n);
  });

  it('is split into six parts at most, or as many as are asked for', () => {
    const { parts, rest } = splitIntoRungs(1_000n * UNIT, terms);
    expect(parts).toEqual(ofUnits(100n, 100n, 100n, 100n, 100n, 100n));
    expect(rest).toBe(400n * UNIT);
    expect(splitIntoRungs(180n * UNIT, terms, 2)).toEqual({
      parts: ofUnits(100n, 50n),
      rest: 30n * UNIT,
    });
  });

  it('below the smallest rung is left whole', () => {
    expect(splitIntoRungs(10n * UNIT - 1n, terms)).toEqual({ parts: [], rest: 10n * UNIT - 1n });
    expect(splitIntoRungs(0n, terms)).toEqual({ parts: [], rest: 0n });
  });
});
