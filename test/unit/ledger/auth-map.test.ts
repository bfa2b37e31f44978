import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  diffMaps,
  emptyMap,
  mapFromEntries,
  type ValueCodec,
} from '../../../src/ledger/auth-map.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { BYTE_VALUES } from '../../support/byte-values.ts';
import { refusal } from '../../support/refusal.ts';

const sha256 = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const keyOf = (number: number): Hex => `0x${sha256(number.toString(16).padStart(8, '0'))}`;

/** Counts how often a value is written. */
function countingCodec(): { codec: ValueCodec<Hex>; encoded: () => number } {
  let count = 0;
  const digits = (value: Hex) => {
    count++;
    return BYTE_VALUES.digits(value);
  };
  return { codec: { ...BYTE_VALUES, digits }, encoded: () => count };
}

describe('the root', () => {
  const [a, b, c] = ['00'.repeat(32), `${'00'.repeat(31)}01`, `80${'00'.repeat(31)}`];

  test('of no entry is zero', () => {
    expect(emptyMap(BYTE_VALUES).root()).toBe(`0x${'00'.repeat(32)}`);
  });

  test('is the documented hash of one entry, and of branches with the bit that parts them', () => {
    const one = emptyMap(BYTE_VALUES).set(`0x${a}`, '0x0a');
    expect(one.root()).toBe(`0x${sha256(`00${a}0a`)}`);
    const three = one.set(`0x${c}`, '0x0c0c').set(`0x${b}`, '0x');
    const low = sha256(`01ff${sha256(`00${a}0a`)}${sha256(`00${b}`)}`);
    expect(three.root()).toBe(`0x${sha256(`0100${low}${sha256(`00${c}0c0c`)}`)}`);
  });

  test('of values longer than what is hashed in place is the same hash', () => {
    const long = 'ab'.repeat(3000);
    const map = emptyMap(BYTE_VALUES).set(`0x${a}`, `0x${long}`);
    expect(map.root()).toBe(`0x${sha256(`00${a}${long}`)}`);
  });

  test('hashes again only what lies above a change', () => {
    const { codec, encoded } = countingCodec();
    let map = emptyMap(codec);
    for (let i = 0; i < 4096; i++) map = map.set(keyOf(i), '0x01');
    map.root();
    expect(encoded()).toBe(4096);
    map.set(keyOf(7), '0x02').root();
    expect(encoded()).toBe(4097);
  });
});

describe('a map', () => {
  const map = emptyMap(BYTE_VALUES).set(keyOf(1), '0x01').set(keyOf(2), '0x02');

  test('does not find what is not there, nor what is no key', () => {
    expect(map.get(keyOf(3))).toBeUndefined();
    expect(map.get('0x')).toBeUndefined();
    expect(map.get(toHex(new Uint8Array(33)))).toBeUndefined();
  });

  test('is the same object after what was not there is deleted', () => {
    expect(map.delete(keyOf(3))).toBe(map);
    expect(emptyMap(BYTE_VALUES).delete(keyOf(3)).size).toBe(0);
  });

  test.each<[string, Hex]>([
    ['too short', '0x00'],
    ['too long', `0x${'00'.repeat(33)}`],
    ['in capitals', `0x${'AB'.repeat(32)}`],
    ['no hexadecimal', `0x${'0g'.repeat(32)}`],
  ])('refuses a key that is %s', (_, key) => {
    expect(refusal(() => map.set(key, '0x01')).code).toBe('HEX_MALFORMED');
    expect(refusal(() => mapFromEntries(BYTE_VALUES, [[key, '0x']])).code).toBe('HEX_MALFORMED');
  });

  test('of many entries refuses what does not ascend', () => {
    const [low, high] = [keyOf(1), keyOf(2)].sort();
    const twice = () =>
      mapFromEntries(BYTE_VALUES, [
        [low!, '0x'],
        [low!, '0x'],
      ]);
    const back = () =>
      mapFromEntries(BYTE_VALUES, [
        [high!, '0x'],
        [low!, '0x'],
      ]);
    expect(refusal(twice).code).toBe('LEDGER_STATE_MALFORMED');
    expect(refusal(back).code).toBe('LEDGER_STATE_MALFORMED');
  });
});

describe('the difference', () => {
  test('of maps that share all but one entry looks at nothing else', () => {
    const { codec, encoded } = countingCodec();
    let before = emptyMap(codec);
    for (let i = 0; i < 4096; i++) before = before.set(keyOf(i), '0x01');
    const after = before.set(keyOf(9), '0x02').delete(keyOf(8));
    const keys = diffMaps(before, after).map(({ key }) => key);
    expect(keys).toEqual([keyOf(8), keyOf(9)].sort());
    expect(encoded()).toBeLessThanOrEqual(2);
  });

  test('leaves out an entry that was set to what it is', () => {
    const map = emptyMap(BYTE_VALUES).set(keyOf(1), '0x01');
    expect(diffMaps(map, map.set(keyOf(1), '0x01'))).toEqual([]);
  });
});
