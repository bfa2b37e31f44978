import { describe, expect, it } from 'vitest';
import { matchRows, type Row } from '../../../bench/privacy/adversaries/matching.ts';
import { createRandom } from '../../../bench/privacy/random.ts';

/** All ways to give every row a column of its own or none, by their weights: the slow and exact way. */
function marginalsByHand(rows: readonly Row[], unmatched: Float64Array): number[][] {
  const sums = rows.map(({ edges }) => edges.map(() => 0));
  let total = 0;
  const walk = (r: number, taken: Map<number, readonly [number, number]>, weight: number): void => {
    const row = rows[r];
    if (row === undefined) {
      let all = weight;
      unmatched.forEach((one, column) => {
        if (!taken.has(column)) all *= one;
      });
      total += all;
      for (const [i, e] of taken.values()) sums[i]![e]! += all;
      return;
    }
    walk(r + 1, taken, weight * row.elsewhere);
    row.edges.forEach(({ column, weight: edge }, e) => {
      if (taken.has(column)) return;
      walk(r + 1, new Map(taken).set(column, [r, e]), weight * edge);
    });
  };
  walk(0, new Map(), 1);
  return sums.map((row) => row.map((sum) => sum / total));
}

describe('matching rows with columns', () => {
  it('leaves no doubt where each row has one column left', () => {
    const rows = [
      { edges: [{ column: 0, weight: 1 }], elsewhere: 0 },
      {
        edges: [
          { column: 0, weight: 1 },
          { column: 1, weight: 1 },
        ],
        elsewhere: 0,
      },
    ];
    const [first, second] = matchRows(rows, Float64Array.of(1, 1));
    expect(first![0]).toBeCloseTo(1, 5);
    expect(second![1]).toBeCloseTo(1, 3);
  });

  it('is exact where the graph is a tree', () => {
    const rows: Row[] = [
      { edges: [{ column: 0, weight: 0.4 }], elsewhere: 0.3 },
      {
        edges: [
          { column: 0, weight: 0.7 },
          { column: 1, weight: 0.2 },
        ],
        elsewhere: 0.1,
      },
      { edges: [{ column: 1, weight: 0.9 }], elsewhere: 0.5 },
    ];
    const unmatched = Float64Array.of(0.5, 0.8);
    const exact = marginalsByHand(rows, unmatched);
    matchRows(rows, unmatched).forEach((row, r) => {
      row.forEach((value, e) => {
        expect(value).toBeCloseTo(exact[r]![e]!, 6);
      });
    });
  });

  it('is near the truth where everybody may be anybody', () => {
    const random = createRandom(5, 'matching');
    const rows = Array.from({ length: 5 }, (): Row => {
      const edges = Array.from({ length: 6 }, (_, column) => ({ column, weight: random.next() }));
      return { edges, elsewhere: 0.1 };
    });
    const unmatched = new Float64Array(6).fill(0.5);
    const exact = marginalsByHand(rows, unmatched);
    matchRows(rows, unmatched).forEach((row, r) => {
      row.forEach((value, e) => {
        expect(Math.abs(value - exact[r]![e]!)).toBeLessThan(0.06);
      });
    });
  });
});
