import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import {
  orderVectors,
  signAsOwner,
  VECTOR_DEPOSIT_ORDER,
  VECTOR_LEDGER,
  vectorPostedOrder,
} from '../../../scripts/lib/order-vectors.ts';
import {
  DEPOSIT_ORDER_BYTES,
  decodeDepositOrder,
  encodeDepositOrder,
} from '../../../src/protocol/deposit-order.ts';
import type { DepositOrder, Leg, PostedOrder } from '../../../src/protocol/order.ts';
import { orderDigest } from '../../../src/protocol/order-signature.ts';
import {
  decodePostedOrder,
  encodePostedOrder,
  POSTED_ORDER_BYTES,
} from '../../../src/protocol/posted-order.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const MAX_U128 = (1n << 128n) - 1n;
const MAX_U64 = (1n << 64n) - 1n;
const POOLED: Leg = {
  mode: 'pooled',
  chainId: MAX_U64,
  recipient: word('ff'),
  amount: MAX_U128,
  crowd: 4,
};

it('has the committed vectors', async () => {
  const path = join(import.meta.dirname, '../../vectors/orders.json');
  expect(await orderVectors()).toEqual(JSON.parse(readFileSync(path, 'utf8')));
});

/** The terms that both vectors have, byte by byte. */
const TERMS_DIGITS = [
  '03',
  `01${'7a69'.padStart(16, '0')}${'00'.repeat(12)}${'d4'.repeat(20)}${'75bcd15'.padStart(32, '0')}01`,
  `02${'190f1b93'.padStart(16, '0')}${'00'.repeat(12)}${'e5'.repeat(20)}${'2c68af0bb140000'.padStart(32, '0')}04`,
  `03${'00'.repeat(8)}${'f6'.repeat(32)}80${'00'.repeat(15)}01`,
  '00'.repeat(3 * 58),
  '0102030405060708',
  '1112131415161718',
  '01',
  '5a'.repeat(32),
  '0c',
  Buffer.from('for the rent').toString('hex').padEnd(256, '0'),
].join('');

describe('the order of a deposit', () => {
  it('lays out version, account, legs, rounds, tag secret and memo in 583 bytes', () => {
    const digits = `01${'07'.repeat(32)}${TERMS_DIGITS}`.padEnd(2 * DEPOSIT_ORDER_BYTES, '0');
    expect(toHex(encodeDepositOrder(VECTOR_DEPOSIT_ORDER))).toBe(`0x${digits}`);
  });

  it('decodes from what it encodes to, from the smallest to the largest', () => {
    const smallest: DepositOrder = {
      ...VECTOR_DEPOSIT_ORDER,
      legs: [],
      notBefore: 0n,
      patience: 0n,
      afterPatience: 'return',
      memo: new Uint8Array(0),
    };
    const largest: DepositOrder = {
      ...VECTOR_DEPOSIT_ORDER,
      legs: Array(6).fill(POOLED),
      notBefore: MAX_U64,
      patience: MAX_U64,
      memo: new Uint8Array(128).fill(255),
    };
    for (const order of [VECTOR_DEPOSIT_ORDER, smallest, largest]) {
      expect(decodeDepositOrder(encodeDepositOrder(order))).toEqual(order);
    }
  });
});

describe('a posted order', () => {
  const sign = (order: PostedOrder) =>
    signAsOwner(order.owner.scheme, orderDigest(VECTOR_LEDGER, order));

  it.each(['secp256k1', 'ed25519', 'sr25519'] as const)(
    'lays out owner, nonce, asset, fees, terms and signature in 774 bytes: %s',
    (scheme) => {
      const order = vectorPostedOrder(scheme);
      const signature = sign(order);
      const digits = [
        '01',
        order.owner.publicKey.slice(2),
        '01020304',
        '46'.padStart(16, '0'),
        order.asset.slice(2),
        '120'.padStart(16, '0'),
        '5af3107a4000'.padStart(32, '0'),
        '18'.repeat(32),
        TERMS_DIGITS,
        toHex(signature).slice(2),
      ].join('');
      const encoded = encodePostedOrder({ order, signature });
      expect(toHex(encoded)).toBe(`0x${digits.padEnd(2 * POSTED_ORDER_BYTES, '0')}`);
      expect(decodePostedOrder(encoded, scheme)).toEqual({ order, signature });
    },
  );

  it('has a zero in the place of the 65th byte of a signature of 64', () => {
    const order = vectorPostedOrder('ed25519');
    const encoded = encodePostedOrder({ order, signature: sign(order) });
    expect(decodePostedOrder(encoded, 'secp256k1').signature).toHaveLength(65);
    const at = POSTED_ORDER_BYTES - 49 - 1;
    const changed = Uint8Array.from(encoded).fill(1, at, at + 1);
    expect(refusal(() => decodePostedOrder(changed, 'ed25519')).code).toBe('ORDER_MALFORMED');
    expect(decodePostedOrder(changed, 'secp256k1').signature[64]).toBe(1);
  });
});

describe('decoding refuses', () => {
  const deposit = encodeDepositOrder(VECTOR_DEPOSIT_ORDER);
  const order = vectorPostedOrder('secp256k1');
  const post = encodePostedOrder({ order, signature: new Uint8Array(65).fill(1) });
  const leg = (i: number, at: number) => 34 + 58 * i + at;
  const tail = 34 + 6 * 58;

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['one byte less', (bytes) => bytes.subarray(1)],
    ['one byte more', (bytes) => new Uint8Array([...bytes, 0])],
    ['no bytes', () => new Uint8Array(0)],
    ['version 0', (bytes) => bytes.fill(0, 0, 1)],
    ['version 2', (bytes) => bytes.fill(2, 0, 1)],
    ['a last byte that is not zero', (bytes) => bytes.fill(1, bytes.length - 1)],
  ])('%s, of either kind', (_, change) => {
    const decodes = [
      () => decodeDepositOrder(change(Uint8Array.from(deposit))),
      () => decodePostedOrder(change(Uint8Array.from(post)), 'secp256k1'),
    ];
    for (const decode of decodes) expect(refusal(decode).code).toBe('ORDER_MALFORMED');
  });

  test.each<readonly [string, number, number]>([
    ['seven legs', 33, 7],
    ['fewer legs than there are', 33, 2],
    ['a leg of zeros that counts', 33, 4],
    ['a leg of mode 0', leg(0, 0), 0],
    ['a leg of mode 4', leg(0, 0), 4],
    ['a crowd of 0', leg(1, 57), 0],
    ['a crowd of 3', leg(1, 57), 3],
    ['a crowd of 8', leg(1, 57), 8],
    ['a crowd of 2 in a direct leg', leg(0, 57), 2],
    ['a crowd of 2 in a transfer', leg(2, 57), 2],
    ['a chain in a transfer', leg(2, 8), 1],
    ...[0, 8, 40, 56, 57].map(
      (at) => [`an unused leg with a byte at ${at}`, leg(3, at), 1] as const,
    ),
    ['a byte in the last unused leg', leg(5, 57), 1],
    ['2 for what follows patience', tail + 16, 2],
    ['a memo of 129 bytes', tail + 17 + 32, 129],
    ['a memo shorter than its bytes', tail + 17 + 32, 11],
    ['a byte behind the memo', tail + 17 + 33 + 127, 1],
    ['a byte behind the order', 560, 1],
  ])('%s', (_, at, value) => {
    const bytes = Uint8Array.from(deposit).fill(value, at, at + 1);
    expect(refusal(() => decodeDepositOrder(bytes)).code).toBe('ORDER_MALFORMED');
  });
});

describe('encoding refuses', () => {
  const withLeg = (part: Partial<Leg>): Partial<DepositOrder> => ({
    legs: [{ ...POOLED, ...part }],
  });
  test.each<[string, Partial<DepositOrder>]>([
    ['seven legs', { legs: Array(7).fill(POOLED) }],
    ['an amount of 2^128', withLeg({ amount: MAX_U128 + 1n })],
    ['a negative amount', withLeg({ amount: -1n })],
    ['a chain id of 2^64', withLeg({ chainId: MAX_U64 + 1n })],
    // CAST: what a caller in JavaScript could give.
    ['a crowd of 65535', withLeg({ crowd: 65_535 as 4 })],
    ['a crowd in a direct leg', withLeg({ mode: 'direct', crowd: 2 })],
    ['a transfer to a chain', withLeg({ mode: 'transfer', crowd: 1 })],
    ['a round of 2^64', { notBefore: MAX_U64 + 1n }],
    ['a negative round', { patience: -1n }],
    ['a tag secret of 31 bytes', { tagSecret: new Uint8Array(31) }],
    ['a memo of 129 bytes', { memo: new Uint8Array(129) }],
  ])('%s', (_, part) => {
    const encode = () => encodeDepositOrder({ ...VECTOR_DEPOSIT_ORDER, ...part });
    expect(refusal(encode).code).toBe('ORDER_UNENCODABLE');
  });

  test.each<[string, Partial<PostedOrder>]>([
    ['a nonce of 2^64', { nonce: MAX_U64 + 1n }],
    ['an expiry of 2^64', { expiry: MAX_U64 + 1n }],
    ['a most fee of 2^128', { maxFee: MAX_U128 + 1n }],
    [
      'an account index of 2^32',
      { owner: { ...vectorPostedOrder('ed25519').owner, index: 2 ** 32 } },
    ],
  ])('%s', (_, part) => {
    const order = { ...vectorPostedOrder('ed25519'), ...part };
    const encode = () => encodePostedOrder({ order, signature: new Uint8Array(64) });
    expect(refusal(encode).code).toBe('ORDER_UNENCODABLE');
  });

  test('what is not 32 bytes', () => {
    const account: Hex = `0x${'11'.repeat(31)}`;
    const encode = () => encodeDepositOrder({ ...VECTOR_DEPOSIT_ORDER, account });
    expect(refusal(encode).code).toBe('HEX_MALFORMED');
  });
});
