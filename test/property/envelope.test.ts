import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hpkePublicKey } from '../../src/crypto/hpke.ts';
import { type EnvelopeBinding, openEnvelope, sealEnvelope } from '../../src/protocol/envelope.ts';
import {
  decodeOrder,
  encodeOrder,
  type Order,
  OrderError,
} from '../../src/protocol/envelope-order.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';

const hexOf = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);
const amount = fc.bigInt(0n, (1n << 128n) - 1n);
const order: fc.Arbitrary<Order> = fc.record({
  payouts: fc.array(fc.record({ recipient: hexOf(20), amount }), { minLength: 1, maxLength: 4 }),
  delaySec: fc.nat(2 ** 32 - 1),
  leastAnonymitySet: fc.nat(2 ** 16 - 1),
  refundAddress: hexOf(20),
  tagSecret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  memo: fc.uint8Array({ maxLength: 128 }),
});
const binding: fc.Arbitrary<EnvelopeBinding> = fc.record({
  chainId: fc.bigInt(1n, (1n << 64n) - 1n),
  gateway: hexOf(20),
  sender: hexOf(20),
  refundTo: hexOf(20),
  asset: hexOf(32),
  amount,
  destination: fc.bigInt(1n, (1n << 64n) - 1n),
});
const SECRET = new Uint8Array(32).fill(8);

test('an order comes back from its 455 bytes', () => {
  fc.assert(
    fc.property(order, (any) => {
      const bytes = encodeOrder(any);
      expect(bytes).toHaveLength(455);
      expect(decodeOrder(bytes)).toEqual(any);
    }),
  );
});

test('bytes that decode to an order are the ones it encodes to', () => {
  fc.assert(
    fc.property(order, fc.nat(454), fc.nat(255), (any, at, byte) => {
      const bytes = encodeOrder(any).fill(byte, at, at + 1);
      try {
        expect(toHex(encodeOrder(decodeOrder(bytes)))).toBe(toHex(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(OrderError);
      }
    }),
    { numRuns: 500 },
  );
});

test('any order sealed for any deposit opens there', async () => {
  const epochKey = await hpkePublicKey(SECRET);
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  await fc.assert(
    fc.asyncProperty(order, binding, seed, async (any, place, bytes) => {
      const envelope = await sealEnvelope(any, { epoch: 1n, epochKey }, place, {
        bytes: () => bytes,
      });
      expect(envelope).toHaveLength(512);
      expect(await openEnvelope(envelope, place, () => SECRET)).toEqual({
        kind: 'sealed',
        order: any,
      });
    }),
    { numRuns: 50 },
  );
});

test('no bytes make opening fail: they are answered', async () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.uint8Array({ minLength: 511, maxLength: 511 }).map((bytes) => new Uint8Array([1, ...bytes])),
  );
  await fc.assert(
    fc.asyncProperty(hostile, binding, async (bytes, place) => {
      const { kind } = await openEnvelope(bytes, place, () => SECRET);
      expect(kind === 'sealed').toBe(false);
    }),
    { numRuns: 100 },
  );
});
