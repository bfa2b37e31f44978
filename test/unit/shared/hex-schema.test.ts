import { describe, expect, it } from 'vitest';
import { hexBytes, hexWord, integer, quantity } from '../../../src/chains/shared/node-hex.ts';
import { bytesUpTo, hexOf, hexUpTo, isHex } from '../../../src/shared/hex-schema.ts';

const takes = (schema: { safeParse(text: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('hex inside the bridge', () => {
  it('is of small letters', () => {
    expect(hexOf(2).parse('0x0aff')).toBe('0x0aff');
    for (const text of ['0x0aFF', '0X0aff', '0aff', '0x0afg', ' 0x0aff', '0x0aff\n']) {
      expect([text, takes(hexOf(2), text), takes(hexUpTo(9), text), isHex(text)]).toEqual([
        text,
        false,
        false,
        false,
      ]);
    }
  });

  it('has exactly the bytes that are asked for', () => {
    expect(['0x', '0x0a', '0x0af', '0x0affee'].filter((text) => takes(hexOf(2), text))).toEqual([]);
    expect(['0x0aff', '0x0aff0', '0x0a'].map((text) => isHex(text, 2))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('has at most the bytes that are allowed, and whole ones', () => {
    const texts = ['0x', '0x0a', '0x0af', '0x0aff', '0x0aff0', '0x0affee'];
    expect(texts.filter((text) => takes(hexUpTo(2), text))).toEqual(['0x', '0x0a', '0x0aff']);
    expect(bytesUpTo(2).parse('0x0aff')).toEqual(Uint8Array.of(10, 255));
  });
});

describe('hex as nodes write it', () => {
  it('may have capitals, and is read in small letters', () => {
    expect(hexWord(2).parse('0x0AfF')).toBe('0x0aff');
    expect(hexBytes.parse('0x0AfF')).toBe('0x0aff');
    expect([takes(hexWord(2), '0x0AfFee'), takes(hexBytes, '0x0Af')]).toEqual([false, false]);
  });

  it('is an integer of at most 256 bits', () => {
    expect(quantity.parse(`0x${'F'.repeat(64)}`)).toBe(2n ** 256n - 1n);
    for (const text of ['0x', `0x${'1'.repeat(65)}`, '12', '0xg', 16]) {
      expect([text, takes(quantity, text)]).toEqual([text, false]);
    }
  });

  it('may be a number where JSON holds it', () => {
    expect([integer.parse(16), integer.parse('0x10')]).toEqual([16n, 16n]);
    expect([-1, 1.5, '0x', 2 ** 53].map((value) => takes(integer, value))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
