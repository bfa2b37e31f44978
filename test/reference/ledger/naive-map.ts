import { createHash } from 'node:crypto';

// The slow twin of src/ledger/auth-map.ts: a sorted list, and the root by its definition.

/** Key and value in hexadecimal, without a prefix. */
export type NaiveEntry = readonly [key: string, value: string];

/** The root of these entries, in whatever order, 64 digits. */
export function naiveRoot(entries: readonly NaiveEntry[]): string {
  if (entries.length === 0) return '00'.repeat(32);
  return nodeHash(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function nodeHash(entries: readonly NaiveEntry[]): string {
  const [first] = entries;
  if (first === undefined) throw new Error('a node has entries');
  if (entries.length === 1) return sha256(`00${first[0]}${first[1]}`);
  const bit = firstDifferingBit(entries.map(([key]) => key));
  const left = entries.filter(([key]) => bits(key)[bit] === '0');
  const right = entries.filter(([key]) => bits(key)[bit] === '1');
  return sha256(`01${bit.toString(16).padStart(2, '0')}${nodeHash(left)}${nodeHash(right)}`);
}

function firstDifferingBit(keys: readonly string[]): number {
  const rows = keys.map(bits);
  for (let bit = 0; bit < 256; bit++) {
    if (new Set(rows.map((row) => row[bit])).size === 2) return bit;
  }
  throw new Error('two entries have one key');
}

function bits(key: string): string {
  return BigInt(`0x${key}`).toString(2).padStart(256, '0');
}

function sha256(hex: string): string {
  return createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
}
