import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signAsOwner, VECTOR_OWNERS } from '../../scripts/lib/order-vectors.ts';
import { hpkePublicKey } from '../../src/crypto/hpke.ts';
import { decodeDepositOrder, encodeDepositOrder } from '../../src/protocol/deposit-order.ts';
import { openEnvelope, sealDeposit, sealPost } from '../../src/protocol/envelope.ts';
import type { DepositBinding } from '../../src/protocol/envelope-context.ts';
import type { DepositOrder, Leg, PostedOrder } from '../../src/protocol/order.ts';
import { orderDigest } from '../../src/protocol/order-signature.ts';
import { OrderError } from '../../src/protocol/order-terms.ts';
import { decodePostedOrder, encodePostedOrder } from '../../src/protocol/posted-order.ts';
import { isCanonical, rungAmount, splitIntoRungs } from '../../src/protocol/rungs.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';

const hexOf = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);
const uint = (bits: bigint) => fc.bigInt(0n, (1n << bits) - 1n);
const leg: fc.Arbitrary<Leg> = fc
  .record({
    mode: fc.constantFrom('direct', 'pooled', 'transfer'),
    chainId: uint(64n),
    recipient: hexOf(32),
    amount: uint(128n),
    crowd: fc.constantFrom(1, 2, 4),
  })
  .map(
    (any): Leg => ({
      ...any,
      chainId: any.mode === 'transfer' ? 0n : any.chainId,
      crowd: any.mode === 'pooled' ? any.crowd : 1,
    }),
  );
const terms = {
  legs: fc.array(leg, { maxLength: 6 }),
  notBefore: uint(64n),
  patience: uint(64n),
  afterPatience: fc.constantFrom('return', 'wait'),
  tagSecret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  memo: fc.uint8Array({ maxLength: 128 }),
} as const;
const depositOrder: fc.Arbitrary<DepositOrder> = fc.record({ account: hexOf(32), ...terms });
const postedOrder: fc.Arbitrary<PostedOrder> = fc.record({
  owner: fc.constantFrom(...Object.values(VECTOR_OWNERS)),
  nonce: uint(64n),
  asset: hexOf(32),
  expiry: uint(64n),
  maxFee: uint(128n),
  posterAccount: hexOf(32),
  ...terms,
});
const deposit: fc.Arbitrary<DepositBinding> = fc.record({
  chainId: uint(64n),
  gateway: hexOf(20),
  sender: hexOf(20),
  refundTo: hexOf(20),
  asset: hexOf(32),
  amount: uint(128n),
  destination: uint(256n),
});
const ledger = fc.record({ chainId: uint(64n), verifyingContract: hexOf(20) });
const place = fc.record({ deposit, ledger });
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const SECRET = new Uint8Array(32).fill(8);

test('orders come back from their bytes', () => {
  fc.assert(
    fc.property(depositOrder, postedOrder, (any, other) => {
      expect(decodeDepositOrder(encodeDepositOrder(any))).toEqual(any);
      const { scheme } = other.owner;
      const signature = new Uint8Array(scheme === 'secp256k1' ? 65 : 64).fill(7);
      const signed = { order: other, signature };
      expect(decodePostedOrder(encodePostedOrder(signed), scheme)).toEqual(signed);
    }),
  );
});

test('bytes that decode to an order are the ones it encodes to', () => {
  fc.assert(
    fc.property(depositOrder, postedOrder, fc.nat(773), fc.nat(255), (any, other, at, byte) => {
      const bytes = encodeDepositOrder(any).fill(byte, at, at + 1);
      expectOneEncoding(bytes, () => encodeDepositOrder(decodeDepositOrder(bytes)));
      const post = encodePostedOrder({ order: other, signature: new Uint8Array(64).fill(7) });
      post.fill(byte, at, at + 1);
      const { scheme } = other.owner;
      expectOneEncoding(post, () => encodePostedOrder(decodePostedOrder(post, scheme)));
    }),
    { numRuns: 1_000 },
  );
});

function expectOneEncoding(bytes: Uint8Array, encodeAgain: () => Uint8Array): void {
  try {
    expect(toHex(encodeAgain())).toBe(toHex(bytes));
  } catch (error) {
    if (!(error instanceof OrderError)) throw error;
    expect(error.code).toBe('ORDER_MALFORMED');
  }
}

test('any order sealed for any deposit opens there, and any that is signed opens as a post', async () => {
  const key = { epoch: 1n, epochKey: await hpkePublicKey(SECRET) };
  await fc.assert(
    fc.asyncProperty(depositOrder, postedOrder, place, seed, async (any, other, where, bytes) => {
      const rng = { bytes: () => bytes };
      const envelope = await sealDeposit(any, key, where.deposit, rng);
      expect(envelope).toHaveLength(640);
      const opened = await openEnvelope(envelope, where, () => SECRET);
      expect(opened).toMatchObject({ kind: 'sealed', epoch: 1n, order: any });
      const signature = signAsOwner(other.owner.scheme, orderDigest(where.ledger, other));
      const post = await sealPost({ order: other, signature }, key, where.ledger, rng);
      expect(post).toHaveLength(832);
      const openedPost = await openEnvelope(post, where, () => SECRET);
      expect(openedPost).toEqual({ kind: 'post', epoch: 1n, order: other });
    }),
    { numRuns: 50 },
  );
});

test('no bytes make opening fail: they are answered', async () => {
  const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 900 }),
    exactly(639).map((bytes) => new Uint8Array([1, ...bytes])),
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4), exactly(830))
      .map(([scheme, bytes]) => new Uint8Array([2, scheme, ...bytes])),
  );
  await fc.assert(
    fc.asyncProperty(hostile, place, async (bytes, where) => {
      const { kind } = await openEnvelope(bytes, where, () => SECRET);
      expect(['unopened', 'transparent']).toContain(kind);
    }),
    { numRuns: 100 },
  );
});

test('an amount is split into canonical parts that leave less than the smallest rung, if six are enough', () => {
  const rungs = fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(uint(90n), fc.bigInt(1n, 10n ** 18n), rungs, (amount, poolUnit, codes) => {
      const asset = { poolUnit, rungs: codes.sort((a, b) => a - b) };
      const { parts, rest } = splitIntoRungs(amount, asset);
      expect(parts.every((part) => isCanonical(asset, part))).toBe(true);
      expect(parts.reduce((sum, part) => sum + part, rest)).toBe(amount);
      expect(parts.length).toBeLessThanOrEqual(6);
      const smallest = rungAmount(poolUnit, codes[0] ?? 0);
      expect(parts.length === 6 || (rest >= 0n && rest < smallest)).toBe(true);
    }),
  );
});
