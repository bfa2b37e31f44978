import { splitIntoRungs } from '../../src/protocol/rungs.ts';
import { REWARD, TERMS } from './market.ts';

/**
 * The amounts in which what stays of a deposit can be withdrawn, an order each, after one address was paid its largest part. Every
 * order pays for being posted.
 */
export function laterParts(amount: number): number[] {
  const largestOf = (sum: number) => {
    const { parts } = splitIntoRungs(BigInt(Math.max(0, sum)), TERMS, 1);
    return Number(parts[0] ?? 0n);
  };
  const later: number[] = [];
  let rest = amount - largestOf(amount);
  for (;;) {
    rest -= Number(REWARD);
    const part = largestOf(rest);
    if (part === 0) return later;
    later.push(part);
    rest -= part;
  }
}
