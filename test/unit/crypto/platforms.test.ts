import { aggregateSignatures, SecretKey } from '@chainsafe/blst';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import * as nobleBls from '../../../src/crypto/noble/bls.ts';
import * as nobleEd25519 from '../../../src/crypto/noble/ed25519.ts';
import { hmacSha256 as nobleHmac } from '../../../src/crypto/noble/hmac.ts';
import { keccak256 as nobleKeccak256 } from '../../../src/crypto/noble/keccak256.ts';
import { sha256 as nobleSha256 } from '../../../src/crypto/noble/sha256.ts';
import * as nodeBls from '../../../src/crypto/node/bls.ts';
import * as nodeEd25519 from '../../../src/crypto/node/ed25519.ts';
import { hmacOfParts, hmacSha256 as nodeHmac } from '../../../src/crypto/node/hmac.ts';
import { keccak256 as nodeKeccak256 } from '../../../src/crypto/node/keccak256.ts';
import { sha256 as nodeSha256 } from '../../../src/crypto/node/sha256.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/shared/bytes.ts';

// One contract, two implementations: what an enclave checks on Node and what a user checks in a browser is the same.

interface Ed25519<Key> {
  readonly importKey: (key: Uint8Array) => Key;
  readonly verifySignature: (key: Key, message: Uint8Array, signature: Uint8Array) => boolean;
}

interface Bls<Key, Signature> {
  readonly decodeKeyPoint: (bytes: Uint8Array) => Key;
  readonly decodeSignaturePoint: (bytes: Uint8Array) => Signature;
  readonly verifyAggregate: (
    keys: readonly Key[],
    message: Uint8Array,
    signature: Signature,
  ) => boolean;
}

type VerifyEd25519 = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
type VerifyBls = (keys: readonly Uint8Array[], message: Uint8Array, sig: Uint8Array) => boolean;

function ed25519Of<Key>({ importKey, verifySignature }: Ed25519<Key>): VerifyEd25519 {
  return (key, message, signature) => verifySignature(importKey(key), message, signature);
}

function blsOf<Key, Signature>(bls: Bls<Key, Signature>): VerifyBls {
  return (keys, message, signature) =>
    bls.verifyAggregate(keys.map(bls.decodeKeyPoint), message, bls.decodeSignaturePoint(signature));
}

const PLATFORMS = [
  ['node', nodeSha256, ed25519Of(nodeEd25519), blsOf(nodeBls)],
  ['noble', nobleSha256, ed25519Of(nobleEd25519), blsOf(nobleBls)],
] as const;

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;

function littleEndian(value: bigint): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(64, '0')}`).reverse();
}

/** The points of the 8-torsion. */
const torsion = (() => {
  const order8 = Point.fromBytes(
    fromHex('0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  );
  const points = [order8];
  while (points.length < 8) points.push(order8.add(points.at(-1) ?? order8));
  return points;
})();

const P = (1n << 255n) - 19n;
const SIGN = 1n << 255n;
/** The points of small order in every encoding, reduced or not, with either sign of an x that is zero. */
const smallEncodings = [
  ...torsion.map((point) => point.toBytes()),
  ...[P, P + 1n, P | SIGN, (P + 1n) | SIGN, 1n | SIGN, (P - 1n) | SIGN].map(littleEndian),
];

const secret = 123456789n;
const message = utf8('a message');

/** The k of RFC 8032 for `message`. */
function challenge(r: Uint8Array, key: Uint8Array): bigint {
  return BigInt(toHex(sha512(concatBytes(r, key, message)).toReversed())) % ORDER;
}

/** A signature under secret·B + T, its R shifted by another torsion point, S chosen so that the cofactored rule holds. */
function mixed(keyShift: (typeof torsion)[number], rShift: (typeof torsion)[number]) {
  const key = Point.BASE.multiply(secret).add(keyShift).toBytes();
  const r = Point.BASE.multiply(42n).add(rShift).toBytes();
  const k = challenge(r, key);
  return { key, signature: concatBytes(r, littleEndian((42n + k * secret) % ORDER)) };
}

describe.each(PLATFORMS)('the %s implementation', (_, sha256, verifyEd25519, verifyBls) => {
  describe('of SHA-256', () => {
    it('has the published digest, as plain bytes of its own', () => {
      const digest = sha256(new Uint8Array(70).fill(0x61).subarray(1, 1));
      expect(toHex(digest)).toBe(
        '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      );
      expect([digest.constructor, digest.buffer.byteLength]).toEqual([Uint8Array, 32]);
    });
  });

  describe('of ed25519', () => {
    const key = fromHex('0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = fromHex(
      '0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );

    it('accepts the signature of RFC 8032, and it alone', () => {
      expect(verifyEd25519(key, Uint8Array.of(0x72), signature)).toBe(true);
      for (let bit = 0; bit < 512; bit += 7) {
        const flipped = signature.map((byte, i) =>
          i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte,
        );
        expect(verifyEd25519(key, Uint8Array.of(0x72), flipped)).toBe(false);
      }
      expect(verifyEd25519(key, message, signature)).toBe(false);
    });

    it('says no to a signature of another length, and under a key that is no point', () => {
      for (const bytes of [signature.subarray(1), concatBytes(signature, Uint8Array.of(0))]) {
        expect(verifyEd25519(key, Uint8Array.of(0x72), bytes)).toBe(false);
      }
      expect(verifyEd25519(littleEndian(2n), Uint8Array.of(0x72), signature)).toBe(false);
    });

    it('says no to an S that is not reduced', () => {
      const s = BigInt(toHex(signature.slice(32).reverse()));
      const unreduced = concatBytes(signature.subarray(0, 32), littleEndian(s + ORDER));
      expect(verifyEd25519(key, Uint8Array.of(0x72), unreduced)).toBe(false);
    });

    it('checks the equation without the cofactor', () => {
      const [, , , , , , , identity = Point.ZERO] = torsion;
      expect(identity.is0()).toBe(true);
      const plain = mixed(identity, identity);
      expect(verifyEd25519(plain.key, message, plain.signature)).toBe(true);
      for (const shift of torsion.slice(0, 7)) {
        const shifted = mixed(identity, shift);
        expect(verifyEd25519(shifted.key, message, shifted.signature)).toBe(false);
      }
    });

    it('says no to keys of small order, under which anybody can make what the equation accepts', () => {
      const [s, sB] = [littleEndian(5n), Point.BASE.multiply(5n)];
      for (const small of torsion) {
        for (const shift of torsion) {
          const made = concatBytes(sB.add(shift).toBytes(), s);
          expect(verifyEd25519(small.toBytes(), message, made)).toBe(false);
        }
      }
    });

    it('says no to an R of small order, although the equation holds', () => {
      const ordinary = Point.BASE.multiply(secret).toBytes();
      const r = Point.ZERO.toBytes();
      const k = challenge(r, ordinary);
      const made = concatBytes(r, littleEndian((k * secret) % ORDER));
      expect(verifyEd25519(ordinary, message, made)).toBe(false);
    });
  });

  describe('of BLS12-381', () => {
    const signingRoot = new Uint8Array(32).fill(0xab);
    const secrets = [1, 2, 3].map((seed) => SecretKey.fromKeygen(new Uint8Array(32).fill(seed)));
    const keys = secrets.map((key) => key.toPublicKey().toBytes());
    const signature = aggregateSignatures(secrets.map((key) => key.sign(signingRoot))).toBytes();
    const [first = new Uint8Array(48)] = keys;

    it('accepts the aggregate of all keys, and nothing less or more', () => {
      expect(verifyBls(keys, signingRoot, signature)).toBe(true);
      expect(verifyBls(keys, new Uint8Array(32), signature)).toBe(false);
      expect(verifyBls(keys.slice(1), signingRoot, signature)).toBe(false);
      expect(verifyBls([...keys, first], signingRoot, signature)).toBe(false);
      expect(verifyBls([], signingRoot, signature)).toBe(false);
    });

    it('says no to keys that cancel out', () => {
      const negative = bls12_381.G1.Point.fromBytes(first).negate().toBytes(true);
      expect(verifyBls([first, negative], signingRoot, signature)).toBe(false);
    });

    it.each([
      ['infinity', Uint8Array.of(0xc0, ...new Uint8Array(95))],
      ['zeros', new Uint8Array(96)],
      ['a point outside the subgroup', outsideSubgroup()],
      ['an x that is no field element', Uint8Array.of(0x9f, ...new Uint8Array(95).fill(0xff))],
    ])('refuses a signature of %s', (_name, bytes) => {
      expect(() => verifyBls(keys, signingRoot, bytes)).toThrow();
    });

    it.each([
      ['zeros', new Uint8Array(48)],
      ['an x that is no field element', Uint8Array.of(0x9f, ...new Uint8Array(47).fill(0xff))],
      ['47 bytes', new Uint8Array(47)],
    ])('refuses a key of %s', (_name, bytes) => {
      expect(() => verifyBls([...keys, bytes], signingRoot, signature)).toThrow();
    });
  });
});

describe('both implementations', () => {
  it('hash every length around the blocks of SHA-256 to the same', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (7 * i + length) & 255);
      expect(nodeSha256(bytes)).toEqual(nobleSha256(bytes));
    }
  });

  it('make the same Keccak-256 of every length around the blocks', () => {
    for (const length of [0, 1, 32, 65, 134, 135, 136, 137, 271, 272, 273, 640, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => 7 * i);
      expect(nodeKeccak256(bytes)).toEqual(nobleKeccak256(bytes));
      expect(nodeKeccak256(bytes.subarray(1))).toEqual(nobleKeccak256(bytes.subarray(1)));
    }
  });

  it('make the same HMAC of every length around the blocks, and beyond what is kept at hand', () => {
    const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (5 * i + 1) & 255);
    for (const keyLength of [0, 1, 31, 32, 63, 64, 65, 200]) {
      for (const length of [0, 1, 32, 55, 56, 63, 64, 65, 119, 1024, 1025, 5000]) {
        const [key, bytes] = [bytesOf(keyLength), bytesOf(length)];
        expect(nodeHmac(key, bytes)).toEqual(nobleHmac(key, bytes));
      }
    }
  });

  it('make no HMAC that depends on the one before', () => {
    const [long, short] = [new Uint8Array(64).fill(9), new Uint8Array(3).fill(8)];
    const first = nodeHmac(long, new Uint8Array(1000).fill(7));
    expect(nodeHmac(short, short)).toEqual(nobleHmac(short, short));
    expect(first).toEqual(nobleHmac(long, new Uint8Array(1000).fill(7)));
  });

  it('make the HMAC of parts that is that of the whole', () => {
    const parts = [utf8('one'), new Uint8Array(0), new Uint8Array(600).fill(2), utf8('three')];
    const long = [...parts, ...parts];
    const key = utf8('key');
    expect(hmacOfParts(key, parts)).toEqual(nobleHmac(key, concatBytes(...parts)));
    expect(hmacOfParts(key, long)).toEqual(nobleHmac(key, concatBytes(...long)));
    expect(hmacOfParts(key, [])).toEqual(nobleHmac(key, new Uint8Array(0)));
  });

  it('agree on every small key and small R, in every encoding', () => {
    const [node, noble] = [ed25519Of(nodeEd25519), ed25519Of(nobleEd25519)];
    const rs = [...smallEncodings, ...torsion.map((t) => Point.BASE.add(t).toBytes())];
    for (const key of [...smallEncodings, Point.BASE.toBytes()]) {
      for (const r of rs) {
        for (const s of [0n, 1n, challenge(r, key)]) {
          const signature = concatBytes(r, littleEndian(s));
          const answers = [node, noble].map((verify) => verify(key, message, signature));
          expect(answers, `${toHex(key)} ${toHex(signature)}`).toEqual([false, false]);
        }
      }
    }
  });

  it('agree on keys and signatures with a part of small order', () => {
    const [node, noble] = [ed25519Of(nodeEd25519), ed25519Of(nobleEd25519)];
    const answers = torsion.flatMap((a) =>
      torsion.map((r) => {
        const { key, signature } = mixed(a, r);
        const answer = node(key, message, signature);
        expect(noble(key, message, signature)).toBe(answer);
        return answer;
      }),
    );
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });
});

/** The first points of the curve are no multiples of the generator: the cofactor makes almost all of them so. */
function outsideSubgroup(): Uint8Array {
  for (let x = 1; x < 256; x++) {
    const bytes = Uint8Array.of(0x80, ...new Uint8Array(94), x);
    try {
      bls12_381.longSignatures.Signature.fromBytes(bytes);
    } catch (error) {
      if (String(error).includes('subgroup')) return bytes;
    }
  }
  throw new Error('no point of the curve among the first 255');
}
