import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import {
  importEd25519Key,
  isSmallOrderEd25519,
  verifyEd25519,
} from '../../../src/crypto/ed25519.ts';
import { fromHex, toHex, utf8 } from '../../../src/shared/bytes.ts';

// RFC 8032 §7.1, test 2.
const key = fromHex('0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
const message = fromHex('0x72');
const signature = fromHex(
  '0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
);

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('a signature', () => {
  it('of RFC 8032 holds', () => {
    expect(verifyEd25519(importEd25519Key(key), message, signature)).toBe(true);
  });

  it('does not hold with any bit flipped', () => {
    const imported = importEd25519Key(key);
    for (let bit = 0; bit < 512; bit++) {
      expect(verifyEd25519(imported, message, flipped(signature, bit))).toBe(false);
    }
  });

  it('does not hold for another message or under another key', () => {
    expect(verifyEd25519(importEd25519Key(key), utf8('other'), signature)).toBe(false);
    expect(verifyEd25519(importEd25519Key(flipped(key, 9)), message, signature)).toBe(false);
  });

  it('is false, not an error, when it has another length', () => {
    const imported = importEd25519Key(key);
    for (const length of [0, 1, 63]) {
      expect(verifyEd25519(imported, message, signature.subarray(0, length))).toBe(false);
    }
    const longer = Uint8Array.from([...signature, 0]);
    expect(verifyEd25519(imported, message, longer)).toBe(false);
  });

  it('never holds under a key that is not a point', () => {
    const noPoint = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 2 : 0));
    expect(() => ed25519.Point.fromBytes(noPoint, true)).toThrow();
    expect(verifyEd25519(importEd25519Key(noPoint), message, signature)).toBe(false);
  });
});

/** Every 32-byte string that ZIP-215 decodes to a point of the 8-torsion, found through the curve's arithmetic. */
function smallOrderEncodings(): Set<string> {
  const order = ed25519.Point.Fn.ORDER;
  const found = new Set<string>();
  for (let seed = 2; found.size < 8; seed++) {
    const candidate = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? seed : 0));
    try {
      let point = ed25519.Point.fromBytes(candidate, true).multiplyUnsafe(order - 1n);
      point = point.add(ed25519.Point.fromBytes(candidate, true));
      for (let i = 0, sum = point; i < 8; i++, sum = sum.add(point))
        found.add(toHex(sum.toBytes()));
    } catch {
      // Not every string is a point.
    }
  }
  return found;
}

describe('a key of small order', () => {
  it('is known in each of the eight canonical encodings', () => {
    const encodings = [...smallOrderEncodings()];
    expect(encodings).toHaveLength(8);
    for (const encoding of encodings) expect(isSmallOrderEd25519(fromHex(encoding))).toBe(true);
  });

  it('is known in every other encoding that decodes to one', () => {
    const p = (1n << 255n) - 19n;
    const decoded: string[] = [];
    for (let y = p; y < 1n << 255n; y++) {
      for (const sign of [0, 0x80]) {
        const bytes = fromHex(`0x${y.toString(16).padStart(64, '0')}`).reverse();
        bytes[31] = (bytes[31] ?? 0) | sign;
        if (!isPoint(bytes)) continue;
        const expected = ed25519.Point.fromBytes(bytes, true).isSmallOrder();
        expect(isSmallOrderEd25519(bytes)).toBe(expected);
        if (expected) decoded.push(toHex(bytes));
      }
    }
    expect(decoded.length).toBeGreaterThanOrEqual(3);
  });

  it('is not seen in ordinary keys', () => {
    expect(isSmallOrderEd25519(key)).toBe(false);
    expect(isSmallOrderEd25519(ed25519.Point.BASE.toBytes())).toBe(false);
  });
});

function isPoint(bytes: Uint8Array): boolean {
  try {
    ed25519.Point.fromBytes(bytes, true);
    return true;
  } catch {
    return false;
  }
}
