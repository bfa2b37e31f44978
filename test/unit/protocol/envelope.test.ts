import { describe, expect, test } from 'vitest';
import { hpkePublicKey, sealHpke } from '../../../src/crypto/hpke.ts';
import { assetId } from '../../../src/protocol/asset.ts';
import {
  type EnvelopeBinding,
  type OpenedEnvelope,
  openEnvelope,
  sealEnvelope,
  transparentEnvelope,
} from '../../../src/protocol/envelope.ts';
import { encodeOrder, type Order } from '../../../src/protocol/envelope-order.ts';
import { MAX_ENVELOPE_BYTES } from '../../../src/protocol/message.ts';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../../../src/shared/bytes.ts';
import type { Rng } from '../../../src/shared/rng.ts';

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const SECRET = new Uint8Array(32).fill(3);
const EPOCH = 7n;
const secretOf = (epoch: bigint) => (epoch === EPOCH ? SECRET : undefined);
const KEY = { epoch: EPOCH, epochKey: await hpkePublicKey(SECRET) };
const BINDING: EnvelopeBinding = {
  chainId: 31_337n,
  gateway: address('a0'),
  sender: address('b0'),
  refundTo: address('b5'),
  asset: assetId(31_337n, address('00')),
  amount: 1_000n,
  destination: 420_420_499n,
};
const ORDER: Order = {
  payouts: [{ recipient: address('c0'), amount: 990n }],
  delaySec: 0,
  leastAnonymitySet: 0,
  refundAddress: address('00'),
  tagSecret: new Uint8Array(32).fill(9),
  memo: new Uint8Array(0),
};
const rngOf = (fill: number): Rng => ({ bytes: (length) => new Uint8Array(length).fill(fill) });
const SEALED = await sealEnvelope(ORDER, KEY, BINDING, rngOf(1));

function unopened(reason: string): OpenedEnvelope {
  return { kind: 'unopened', reason } as OpenedEnvelope;
}

function open(envelope: Uint8Array, binding = BINDING): Promise<OpenedEnvelope> {
  return openEnvelope(envelope, binding, secretOf);
}

describe('a sealed envelope', () => {
  test('opens to its order in its deposit', async () => {
    expect(await open(SEALED)).toEqual({ kind: 'sealed', order: ORDER });
  });

  test('has 512 bytes whatever it holds: kind, epoch and ciphertext', async () => {
    const payouts = Array(4).fill(ORDER.payouts[0]);
    const full = { ...ORDER, payouts, memo: new Uint8Array(128).fill(1) };
    expect(await sealEnvelope(full, KEY, BINDING, rngOf(2))).toHaveLength(MAX_ENVELOPE_BYTES);
    expect(SEALED).toHaveLength(MAX_ENVELOPE_BYTES);
    expect(toHex(SEALED.subarray(0, 9))).toBe('0x010000000000000007');
  });

  test('differs in every byte string that the randomness decides', async () => {
    const other = await sealEnvelope(ORDER, KEY, BINDING, rngOf(2));
    expect(toHex(other.subarray(9, 41))).not.toBe(toHex(SEALED.subarray(9, 41)));
    expect(toHex(other.subarray(41))).not.toBe(toHex(SEALED.subarray(41)));
  });

  test.each<[string, Partial<EnvelopeBinding>]>([
    ['chain', { chainId: 1n }],
    ['gateway', { gateway: address('a1') }],
    ['sender', { sender: address('b1') }],
    ['refund address', { refundTo: address('b1') }],
    ['asset', { asset: assetId(31_337n, address('01')) }],
    ['amount', { amount: 1_001n }],
    ['destination', { destination: 1n }],
  ])('copied into a deposit with another %s does not open', async (_, part) => {
    expect(await open(SEALED, { ...BINDING, ...part })).toEqual(unopened('undecryptable'));
  });

  test('with any byte of its key or ciphertext flipped does not open', async () => {
    for (let at = 9; at < SEALED.length; at++) {
      const tampered = SEALED.map((byte, i) => (i === at ? byte ^ 0x80 : byte));
      // The top bit of an X25519 key is not part of it, but of the key schedule: RFC 7748 §5 and RFC 9180 §4.1.
      expect(await open(tampered), `byte ${at}`).toEqual(unopened('undecryptable'));
    }
  });

  test('of an epoch that has no key here says so', async () => {
    const other = Uint8Array.from(SEALED).fill(8, 8, 9);
    expect(await open(other)).toEqual(unopened('unknown-epoch'));
  });

  test('relabelled as of another epoch with a key does not open, even if it is the same key', async () => {
    const other = Uint8Array.from(SEALED).fill(8, 8, 9);
    const opened = await openEnvelope(other, BINDING, () => SECRET);
    expect(opened).toEqual(unopened('undecryptable'));
  });

  test('does not open with another secret', async () => {
    const opened = await openEnvelope(SEALED, BINDING, () => new Uint8Array(32).fill(4));
    expect(opened).toEqual(unopened('undecryptable'));
  });

  test('that seals something other than an order is known as such', async () => {
    const plaintext = encodeOrder(ORDER).fill(2, 0, 1);
    expect(await open(await sealBytes(plaintext))).toEqual(unopened('malformed-order'));
  });
});

describe('a transparent envelope', () => {
  test('is read by anyone', async () => {
    const envelope = transparentEnvelope(address('c0'));
    expect(toHex(envelope)).toBe(`0x00${'c0'.repeat(20)}`);
    expect(await openEnvelope(envelope, BINDING, () => undefined)).toEqual({
      kind: 'transparent',
      recipient: address('c0'),
    });
  });
});

describe('bytes that are no envelope are answered with a reason', () => {
  const transparent = transparentEnvelope(address('c0'));
  test.each([
    ['nothing', new Uint8Array(0), 'unknown-kind'],
    ['another kind', Uint8Array.from(SEALED).fill(2, 0, 1), 'unknown-kind'],
    ['a short sealed one', SEALED.subarray(0, 511), 'wrong-length'],
    ['a long sealed one', new Uint8Array([...SEALED, 0]), 'wrong-length'],
    ['only the kind', Uint8Array.of(1), 'wrong-length'],
    ['a short transparent one', transparent.subarray(0, 20), 'wrong-length'],
    ['a long transparent one', new Uint8Array([...transparent, 0]), 'wrong-length'],
    [
      'a ciphertext of zeros',
      new Uint8Array([...SEALED.subarray(0, 9), ...new Uint8Array(503)]),
      'undecryptable',
    ],
  ])('%s', async (_, envelope, reason) => {
    expect(await open(envelope)).toEqual(unopened(reason));
  });
});

test('an order that cannot be encoded is refused before anything is sealed', async () => {
  const order = { ...ORDER, payouts: [] };
  const sealing = sealEnvelope(order, KEY, BINDING, rngOf(1));
  await expect(sealing).rejects.toMatchObject({ code: 'ORDER_UNENCODABLE' });
});

/** The envelope around any 455 bytes, put together by the wire format's own words. */
async function sealBytes(plaintext: Uint8Array): Promise<Uint8Array> {
  const word = (hex: string) => fromHex(`0x${hex.padStart(64, '0')}`);
  const aad = concatBytes(
    word((31_337).toString(16)),
    word('a0'.repeat(20)),
    word('b0'.repeat(20)),
    word('b5'.repeat(20)),
    fromHex(BINDING.asset),
    word((1_000).toString(16)),
    word((420_420_499).toString(16)),
  );
  const epoch = fromHex('0x0000000000000007');
  const info = concatBytes(utf8('veilspan/envelope/v1'), epoch);
  const keys = { publicKey: KEY.epochKey, ephemeralIkm: new Uint8Array(32).fill(5) };
  return concatBytes(Uint8Array.of(1), epoch, await sealHpke(keys, plaintext, { info, aad }));
}
