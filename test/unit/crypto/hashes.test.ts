import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { blake2b256, keccak256, sha256, sha256Digits } from '../../../src/crypto/hashes.ts';
import { sha256Digits as nobleDigits } from '../../../src/crypto/noble/sha256.ts';
import { toHex, utf8 } from '../../../src/shared/bytes.ts';

const empty = new Uint8Array();
const abc = utf8('abc');

describe('hash functions', () => {
  // FIPS 180-4 examples; the Keccak and BLAKE2b digests of the empty string are chain constants.
  it.each([
    ['sha256', sha256, empty, '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['sha256', sha256, abc, '0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'keccak256',
      keccak256,
      empty,
      '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    ],
    [
      'blake2b256',
      blake2b256,
      empty,
      '0x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8',
    ],
  ])('%s has its published digests', (_, hash, input, digest) => {
    expect(toHex(hash(input))).toBe(digest);
  });

  it('sha256 is the same in both libraries, for every length around its blocks', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (7 * i + length) & 255);
      expect(sha256(bytes)).toEqual(nobleSha256(bytes));
      expect(`0x${sha256Digits(bytes)}`).toBe(toHex(sha256(bytes)));
      expect(nobleDigits(bytes)).toBe(sha256Digits(bytes));
    }
  });

  it('sha256 hashes a view, not the buffer behind it, and gives plain bytes of its own', () => {
    const view = new Uint8Array(100).fill(1).subarray(10, 74);
    const digest = sha256(view);
    expect(digest).toEqual(nobleSha256(view));
    expect(digest.constructor).toBe(Uint8Array);
    expect(digest.buffer.byteLength).toBe(32);
  });
});
