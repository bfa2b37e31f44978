import { describe, expect, it } from 'vitest';
import { bitAt, packBytes, uint64Chunk, uint256Chunk } from '../../../src/codec/ssz.ts';
import { toHex } from '../../../src/shared/bytes.ts';

describe('SSZ basics', () => {
  it('writes uint64 little-endian with zeros behind', () => {
    expect(toHex(uint64Chunk(0x0102030405060708n))).toBe(`0x0807060504030201${'00'.repeat(24)}`);
    expect(toHex(uint64Chunk(7))).toBe(`0x07${'00'.repeat(31)}`);
    expect(toHex(uint64Chunk(2n ** 64n - 1n))).toBe(`0x${'ff'.repeat(8)}${'00'.repeat(24)}`);
  });

  it('writes uint256 little-endian over the whole chunk', () => {
    expect(toHex(uint256Chunk(1n << 248n))).toBe(`0x${'00'.repeat(31)}01`);
    expect(toHex(uint256Chunk(2n ** 256n - 2n))).toBe(`0xfe${'ff'.repeat(31)}`);
  });

  it('pads byte vectors to whole chunks and leaves whole ones alone', () => {
    const whole = new Uint8Array(64).fill(1);
    expect(packBytes(whole)).toBe(whole);
    expect(toHex(packBytes(Uint8Array.of(1, 2)))).toBe(`0x0102${'00'.repeat(30)}`);
    expect(packBytes(new Uint8Array(48))).toHaveLength(64);
    expect(packBytes(new Uint8Array())).toHaveLength(0);
  });

  it('counts bits from the least significant of the first byte, and finds none behind the end', () => {
    const bits = Uint8Array.of(0b0000_0101, 0b1000_0000);
    const set = Array.from({ length: 24 }, (_, i) => i).filter((i) => bitAt(bits, i));
    expect(set).toEqual([0, 2, 15]);
  });
});
