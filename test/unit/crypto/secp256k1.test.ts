import { computeAddress, SigningKey } from 'ethers';
import { describe, expect, test } from 'vitest';
import { addressOf, recoverAddress, signDigest } from '../../../src/crypto/secp256k1.ts';
import { fromBigEndian, fromHex, toBigEndian, toHex } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const KEYS = [1, 2, 3, 4, 5].map((fill) => new Uint8Array(32).fill(fill));
const DIGESTS = [0, 7, 255].map((fill) => new Uint8Array(32).fill(fill));

describe('signDigest', () => {
  test('signs what ethers signs, to the byte', () => {
    for (const key of KEYS) {
      for (const digest of DIGESTS) {
        const signature = signDigest(key, digest);
        expect(toHex(signature)).toBe(new SigningKey(key).sign(digest).serialized);
        expect(signature).toHaveLength(65);
        expect(fromBigEndian(signature.subarray(32, 64)) <= ORDER / 2n).toBe(true);
      }
    }
  });
});

describe('addressOf', () => {
  test('is what ethers computes, of the private key and of both forms of the public key', () => {
    for (const key of KEYS) {
      const ethers = new SigningKey(key);
      const expected = computeAddress(ethers).toLowerCase();
      expect(addressOf(key)).toBe(expected);
      expect(addressOf(fromHex(ethers.publicKey))).toBe(expected);
      expect(addressOf(fromHex(ethers.compressedPublicKey))).toBe(expected);
    }
  });

  test('refuses zero as a private key', () => {
    expect(() => addressOf(new Uint8Array(32))).toThrow();
  });
});

describe('recoverAddress', () => {
  const key = new Uint8Array(32).fill(9);
  const digest = new Uint8Array(32).fill(1);
  const good = signDigest(key, digest);

  test('finds the signer', () => {
    expect(recoverAddress(digest, good)).toBe(addressOf(key));
  });

  test('finds another signer for another digest', () => {
    expect(recoverAddress(new Uint8Array(32).fill(2), good)).not.toBe(addressOf(key));
  });

  test('refuses the twin signature with high s', () => {
    const twin = Uint8Array.from(good);
    twin.set(toBigEndian(ORDER - fromBigEndian(good.subarray(32, 64)), 32), 32);
    twin[64] = 55 - (good[64] ?? 0);
    const { code, meta } = refusal(() => recoverAddress(digest, twin));
    expect(code).toBe('SIGNATURE_MALFORMED');
    expect(meta).toEqual({ signature: toHex(twin) });
  });

  test.each([
    ['64 bytes', good.subarray(0, 64)],
    ['66 bytes', new Uint8Array([...good, 0])],
    ['no bytes', new Uint8Array(0)],
    ['v of 0', Uint8Array.from(good).fill(0, 64)],
    ['v of 29', Uint8Array.from(good).fill(29, 64)],
    ['r of zero', Uint8Array.from(good).fill(0, 0, 32)],
    ['s of zero', Uint8Array.from(good).fill(0, 32, 64)],
    ['r above the order', Uint8Array.from(good).fill(255, 0, 32)],
  ])('refuses %s', (_, signature) => {
    expect(refusal(() => recoverAddress(digest, signature)).code).toBe('SIGNATURE_MALFORMED');
  });
});
