import { describe, expect, it } from 'vitest';
import {
  createScaleCursor,
  encodeByteVector,
  encodeCompact,
  encodeU32,
  encodeU64,
  encodeVector,
  expectEnd,
  readBytes,
  readByteVector,
  readCompact,
  readU8,
  readU16,
  readU32,
  readU64,
  readVector,
  type ScaleCursor,
} from '../../../src/codec/scale.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

function cursorAt(hex: Hex): ScaleCursor {
  return createScaleCursor(fromHex(hex));
}

/** The value, of which exactly these bytes are the encoding. */
function compactOf(hex: Hex): number {
  const cursor = cursorAt(hex);
  const value = readCompact(cursor);
  expectEnd(cursor);
  return value;
}

describe('a compact', () => {
  const values: [number, Hex][] = [
    [0, '0x00'],
    [1, '0x04'],
    [42, '0xa8'],
    [63, '0xfc'],
    [64, '0x0101'],
    [69, '0x1501'],
    [16_383, '0xfdff'],
    [16_384, '0x02000100'],
    [65_535, '0xfeff0300'],
    [2 ** 30 - 1, '0xfeffffff'],
    [2 ** 30, '0x0300000040'],
    [2 ** 32 - 1, '0x03ffffffff'],
  ];

  it.each(values)('%i is %s', (value, hex) => {
    expect(toHex(encodeCompact(value))).toBe(hex);
    expect(compactOf(hex)).toBe(value);
  });

  it.each<Hex>(['0x0100', '0xfd00', '0x02000000', '0xfeff0000', '0x03ffffff3f', '0x0300000000'])(
    'is refused as %s, for which there is a shorter form',
    (hex) => {
      expect(refusal(() => compactOf(hex))).toMatchObject({
        code: 'SCALE_COMPACT_NOT_CANONICAL',
        meta: { offset: 0 },
      });
    },
  );

  it.each<Hex>(['0x070000000001', '0xffffff'])('is refused as %s, more than 32 bits', (hex) => {
    expect(refusal(() => compactOf(hex)).code).toBe('SCALE_COMPACT_TOO_LARGE');
  });

  it.each<Hex>(['0x', '0x01', '0x020000', '0x03000000'])('is refused cut short as %s', (hex) => {
    expect(refusal(() => compactOf(hex)).code).toBe('SCALE_TRUNCATED');
  });

  it.each([-1, 2 ** 32])('is not made of %i', (value) => {
    expect(refusal(() => encodeCompact(value)).code).toBe('SCALE_OUT_OF_RANGE');
  });
});

describe('integers', () => {
  it('are little-endian', () => {
    expect(readU8(cursorAt('0xfe'))).toBe(0xfe);
    expect(readU16(cursorAt('0x0102'))).toBe(0x0201);
    expect(readU32(cursorAt('0x010203ff'))).toBe(0xff03_0201);
    expect(readU64(cursorAt('0x01020304050607ff'))).toBe(0xff07_0605_0403_0201n);
    expect(toHex(encodeU32(0xff03_0201))).toBe('0x010203ff');
    expect(toHex(encodeU64(0xff07_0605_0403_0201n))).toBe('0x01020304050607ff');
  });

  it('are refused when they do not fit', () => {
    expect(refusal(() => encodeU32(2 ** 32)).code).toBe('SCALE_OUT_OF_RANGE');
    expect(refusal(() => encodeU64(1n << 64n)).code).toBe('SCALE_OUT_OF_RANGE');
    expect(refusal(() => encodeU64(-1n)).code).toBe('SCALE_OUT_OF_RANGE');
  });

  it('are refused when bytes are missing, saying where', () => {
    const cursor = cursorAt('0x00112233');
    readU8(cursor);
    expect(refusal(() => readU32(cursor))).toMatchObject({
      code: 'SCALE_TRUNCATED',
      meta: { offset: 1 },
    });
  });
});

describe('byte strings and vectors', () => {
  it('are read as views', () => {
    const bytes = fromHex('0x0c010203ff');
    const cursor = createScaleCursor(bytes);
    const view = readByteVector(cursor);
    expect(view).toEqual(Uint8Array.of(1, 2, 3));
    expect(view.buffer).toBe(bytes.buffer);
    expect(readBytes(cursor, 1)).toEqual(Uint8Array.of(0xff));
    expectEnd(cursor);
  });

  it('are written with their length', () => {
    expect(toHex(encodeByteVector(Uint8Array.of(1, 2, 3)))).toBe('0x0c010203');
    expect(toHex(encodeVector([encodeU32(1), encodeU32(2)]))).toBe('0x080100000002000000');
  });

  it('are read item by item', () => {
    expect(readVector(cursorAt('0x080100000002000000'), 2, readU32)).toEqual([1, 2]);
  });

  it('are refused when they claim more bytes than there are', () => {
    expect(refusal(() => readByteVector(cursorAt('0x0c0102'))).code).toBe('SCALE_TRUNCATED');
  });

  it('are refused above the most, before an item is read', () => {
    const read = () => readVector(cursorAt('0x0c'), 2, () => expect.unreachable());
    expect(refusal(read)).toMatchObject({ code: 'SCALE_COUNT_EXCEEDED', meta: { offset: 0 } });
  });

  it('are refused when anything follows', () => {
    expect(refusal(() => expectEnd(cursorAt('0x00')))).toMatchObject({
      code: 'SCALE_TRAILING_BYTES',
      disposition: 'reject',
    });
  });
});
