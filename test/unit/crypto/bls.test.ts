import { aggregateSignatures, SecretKey, Signature } from '@chainsafe/blst';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { describe, expect, it } from 'vitest';
import { decodeBlsPublicKeys, fastAggregateVerify } from '../../../src/crypto/bls.ts';
import { concatBytes } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const message = new Uint8Array(32).fill(0xab);
const secrets = [1, 2, 3].map((seed) => SecretKey.fromKeygen(new Uint8Array(32).fill(seed)));
const encoded = secrets.map((secret) => secret.toPublicKey().toBytes());
const keys = decodeBlsPublicKeys(concatBytes(...encoded));
const signature = aggregateSignatures(secrets.map((secret) => secret.sign(message))).toBytes();

describe('FastAggregateVerify', () => {
  it('accepts the aggregate of all keys over the message', () => {
    expect(fastAggregateVerify(keys, message, signature)).toBe(true);
  });

  it('says no to another message, a missing key, an extra key, a repeated key and no keys', () => {
    const [first] = keys;
    if (!first) throw new Error('three keys were made');
    expect(fastAggregateVerify(keys, new Uint8Array(32), signature)).toBe(false);
    expect(fastAggregateVerify(keys.slice(1), message, signature)).toBe(false);
    expect(fastAggregateVerify([...keys, first], message, signature)).toBe(false);
    expect(fastAggregateVerify([first, first, first], message, signature)).toBe(false);
    expect(fastAggregateVerify([], message, signature)).toBe(false);
  });

  it('uses the proof-of-possession ciphersuite, as an independent implementation does', () => {
    const { longSignatures: bls, G1 } = bls12_381;
    const sum = encoded.map((key) => G1.Point.fromBytes(key)).reduce((acc, key) => acc.add(key));
    const hashed = bls.hash(message, 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_');
    expect(bls.verify(signature, hashed, sum)).toBe(true);
    const basic = bls.sign(
      bls.hash(message, 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_'),
      new Uint8Array(32).fill(1),
    );
    const own = decodeBlsPublicKeys(bls.getPublicKey(new Uint8Array(32).fill(1)).toBytes(true));
    expect(fastAggregateVerify(own, message, basic.toBytes(true))).toBe(false);
  });
});

describe('malformed points', () => {
  const infinity = (length: number) => Uint8Array.of(0xc0, ...new Uint8Array(length - 1));

  it.each([
    ['infinity', infinity(96)],
    ['zeros', new Uint8Array(96)],
    ['95 bytes', signature.slice(1)],
    [
      'the uncompressed form',
      aggregateSignatures(secrets.map((s) => s.sign(message))).toBytes(false),
    ],
    ['a point outside the subgroup', outsideSubgroup()],
  ])('refuses a signature of %s', (_, bytes) => {
    const { code } = refusal(() => fastAggregateVerify(keys, message, bytes));
    expect(code).toBe('BLS_SIGNATURE_MALFORMED');
  });

  it.each([
    ['infinity', infinity(48)],
    ['zeros', new Uint8Array(48)],
    ['an x that is no field element', Uint8Array.of(0x9f, ...new Uint8Array(47).fill(0xff))],
  ])('refuses a key of %s and names its place', (_, bytes) => {
    const { code, meta } = refusal(() => decodeBlsPublicKeys(concatBytes(...encoded, bytes)));
    expect(code).toBe('BLS_PUBLIC_KEY_MALFORMED');
    expect(meta).toMatchObject({ index: 3 });
  });

  it('refuses keys that are not a multiple of 48 bytes', () => {
    const { code, meta } = refusal(() => decodeBlsPublicKeys(new Uint8Array(47)));
    expect(code).toBe('BLS_PUBLIC_KEY_MALFORMED');
    expect(meta).toMatchObject({ index: -1 });
  });
});

/** A point of the curve that is no multiple of the generator: the cofactor makes almost all of them so. */
function outsideSubgroup(): Uint8Array {
  for (let x = 1; x < 256; x++) {
    const bytes = Uint8Array.of(0x80, ...new Uint8Array(94), x);
    if (isOnCurve(bytes)) return bytes;
  }
  throw new Error('no point of the curve among the first 256');
}

function isOnCurve(bytes: Uint8Array): boolean {
  try {
    return Signature.fromBytes(bytes, false).toBytes().length === 96;
  } catch {
    return false;
  }
}
