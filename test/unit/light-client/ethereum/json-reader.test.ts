import { describe, expect, it } from 'vitest';
import {
  readBytesUpTo,
  readField,
  readList,
  readSlot,
  readString,
  readUint64,
  readUint256,
} from '../../../../src/light-client/ethereum/json-reader.ts';
import { refusal } from '../../../support/refusal.ts';

const node = (value: unknown) => ({ value, path: 'it' });
const hex = (bytes: number) => `0x${'ab'.repeat(bytes)}`;
const SLOT_LIMIT = 2n ** 53n;

/** What is refused, and what it says was expected. */
function refuse(attempt: () => unknown): string {
  const { code, meta } = refusal(attempt);
  expect(code).toBe('ETHEREUM_JSON_MALFORMED');
  // CAST: the code is that of BeaconJsonError.
  return (meta as { expected: string }).expected;
}

describe('reading the JSON of a beacon node', () => {
  it('takes the most that each number, count and length allows', () => {
    expect(readUint64(node(`${2n ** 64n - 1n}`))).toBe(2n ** 64n - 1n);
    expect(readUint256(node(`${2n ** 256n - 1n}`))).toBe(2n ** 256n - 1n);
    expect(readSlot(node(`${SLOT_LIMIT - 1n}`))).toBe(Number.MAX_SAFE_INTEGER);
    expect(readList(node([1, 2, 3]), 1, 3)).toHaveLength(3);
    expect(readList(node([1]), 1, 3)).toHaveLength(1);
    expect(readBytesUpTo(node(hex(5)), 2, 5)).toHaveLength(5);
    expect(readBytesUpTo(node(hex(2)), 2, 5)).toHaveLength(2);
  });

  it('refuses one more, and one less than the least', () => {
    expect(refuse(() => readUint64(node(`${2n ** 64n}`)))).toBe('at most 64 bits');
    expect(refuse(() => readUint256(node(`${2n ** 256n}`)))).toBe('at most 256 bits');
    expect(refuse(() => readSlot(node(`${SLOT_LIMIT}`)))).toBe('a slot below 2^53');
    for (const list of [[], [1, 2, 3, 4]]) {
      expect(refuse(() => readList(node(list), 1, 3))).toBe('1 to 3 elements');
    }
    for (const bytes of [1, 6]) {
      expect(refuse(() => readBytesUpTo(node(hex(bytes)), 2, 5))).toBe('2 to 5 bytes');
    }
  });

  it('names the field that it refuses', () => {
    const { meta } = refusal(() => readField({ value: {}, path: 'data.header' }, 'slot'));
    expect(meta).toEqual({ field: 'data.header.slot', expected: 'a value', got: 'none' });
    expect(refuse(() => readString(node(7)))).toBe('a string');
  });
});
