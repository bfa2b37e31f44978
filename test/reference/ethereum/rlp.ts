import type { RlpItem } from '../../../src/codec/rlp.ts';

/** Canonical RLP by the three cases of the definition. */
export function rlp(item: RlpItem): number[] {
  if (!(item instanceof Uint8Array)) {
    const payload = item.flatMap(rlp);
    return [...prefix(payload.length, 0xc0), ...payload];
  }
  if (item.length === 1 && (item[0] ?? 0) < 0x80) return [...item];
  return [...prefix(item.length, 0x80), ...item];
}

function prefix(length: number, base: number): number[] {
  if (length <= 55) return [base + length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [base + 55 + digits.length, ...digits];
}
