import { describe, expect, it } from 'vitest';
import {
  decodeRlp,
  decodeRlpInteger,
  encodeRlp,
  encodeRlpInteger,
  MAX_RLP_DEPTH,
  type RlpItem,
} from '../../../src/codec/rlp.ts';
import { fromHex, type Hex, toHex, utf8 } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const dog = utf8('dog');
const long = new Uint8Array(56).fill(0x61);

// The examples of the Ethereum documentation, and the borders between the forms.
const CASES: readonly (readonly [Hex, RlpItem])[] = [
  ['0x80', new Uint8Array()],
  ['0x00', Uint8Array.of(0)],
  ['0x7f', Uint8Array.of(0x7f)],
  ['0x8180', Uint8Array.of(0x80)],
  ['0x83646f67', dog],
  [`0xb7${'61'.repeat(55)}`, long.subarray(1)],
  [`0xb838${'61'.repeat(56)}`, long],
  [`0xb90100${'00'.repeat(256)}`, new Uint8Array(256)],
  ['0xc0', []],
  ['0xc8836361748364 6f67'.replace(' ', '') as Hex, [utf8('cat'), dog]],
  ['0xc7c0c1c0c3c0c1c0', [[], [[]], [[], [[]]]]],
  [`0xf83ab838${'61'.repeat(56)}`, [long]],
];

function refuse(hex: string): object {
  const { code, meta } = refusal(() => decodeRlp(fromHex(hex)));
  return { code, ...meta };
}

describe('RLP', () => {
  it.each(CASES)('%s is the one encoding of its item', (hex, item) => {
    expect(toHex(encodeRlp(item))).toBe(hex);
    expect(decodeRlp(fromHex(hex))).toEqual(item);
  });

  it('decodes strings as views of the input', () => {
    const bytes = fromHex('0xc483646f67');
    const [view] = decodeRlp(bytes) as [Uint8Array];
    expect(view.buffer).toBe(bytes.buffer);
  });

  it.each([
    ['no bytes', '0x', 0],
    ['trailing bytes', '0x8000', 1],
    ['trailing bytes behind a list', '0xc000', 1],
    ['a byte below 0x80 with a prefix', '0x8101', 0],
    ['the same inside a list', '0xc28101', 1],
    ['a string that is cut off', '0x83646f', 0],
    ['a list that is cut off', '0xc2c0', 0],
    ['an item that leaves its list', '0xc283646f67', 1],
    ['a long form for 55 bytes', `0xb837${'61'.repeat(55)}`, 1],
    ['a long form for a short list', '0xf801c0', 1],
    ['a length with a leading zero', `0xb90038${'61'.repeat(56)}`, 1],
    ['a length that is cut off', '0xb9', 1],
    ['a length of five bytes', '0xbc0100000000', 1],
    ['a length of four gigabytes', '0xbbffffffff', 0],
  ])('refuses %s', (_, hex, offset) => {
    expect(refuse(hex)).toEqual({ code: 'RLP_MALFORMED', offset });
  });

  it('refuses lists nested deeper than the limit, whatever the input says', () => {
    const nest = (depth: number) => {
      let item: RlpItem = [];
      for (let i = 1; i < depth; i++) item = [item];
      return encodeRlp(item);
    };
    expect(decodeRlp(nest(MAX_RLP_DEPTH))).toHaveLength(1);
    expect(refusal(() => decodeRlp(nest(MAX_RLP_DEPTH + 1))).code).toBe('RLP_MALFORMED');
  });
});

describe('RLP integers', () => {
  it.each([
    [0n, '0x'],
    [1n, '0x01'],
    [0x80n, '0x80'],
    [0x0100n, '0x0100'],
    [2n ** 256n - 1n, `0x${'ff'.repeat(32)}`],
  ])('%s is shortest big-endian', (value, hex) => {
    expect(toHex(encodeRlpInteger(value))).toBe(hex);
    expect(decodeRlpInteger(fromHex(hex), 32)).toBe(value);
  });

  it.each([
    ['a leading zero', Uint8Array.of(0, 1)],
    ['zero as a zero byte', Uint8Array.of(0)],
    ['more bytes than allowed', new Uint8Array(9).fill(1)],
    ['a list', []],
  ])('refuses %s', (_, item) => {
    expect(refusal(() => decodeRlpInteger(item, 8)).code).toBe('RLP_MALFORMED');
  });
});
