import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  signAsOwner,
  VECTOR_DEPOSIT,
  VECTOR_DEPOSIT_ORDER,
  VECTOR_LEDGER,
  vectorPostedOrder,
} from '../../../scripts/lib/order-vectors.ts';
import { hpkePublicKey, sealHpke } from '../../../src/crypto/hpke.ts';
import { SIGNATURE_SCHEMES, type SignatureScheme } from '../../../src/protocol/account.ts';
import { assetId } from '../../../src/protocol/asset.ts';
import { encodeDepositOrder } from '../../../src/protocol/deposit-order.ts';
import type { SigningDomain } from '../../../src/protocol/eip712.ts';
import {
  type OpenedEnvelope,
  openEnvelope,
  POST_ENVELOPE_BYTES,
  SEALED_ENVELOPE_BYTES,
  sealDeposit,
  sealPost,
  TRANSPARENT_ENVELOPE_BYTES,
  transparentEnvelope,
} from '../../../src/protocol/envelope.ts';
import type { DepositBinding } from '../../../src/protocol/envelope-context.ts';
import { MAX_ENVELOPE_BYTES } from '../../../src/protocol/message.ts';
import type { DepositOrder } from '../../../src/protocol/order.ts';
import { orderDigest, verifyOwnerSignature } from '../../../src/protocol/order-signature.ts';
import { decodePostedOrder, encodePostedOrder } from '../../../src/protocol/posted-order.ts';
import { STAND_IN_POSTS, STAND_IN_SECRET } from '../../../src/protocol/stand-in-orders.ts';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../../../src/shared/bytes.ts';
import type { Rng } from '../../../src/shared/rng.ts';

const work = vi.hoisted(() => ({ opens: 0, checks: [] as string[] }));
vi.mock('../../../src/crypto/hpke.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/crypto/hpke.ts')>();
  const openHpke: typeof actual.openHpke = (...args) => {
    work.opens += 1;
    return actual.openHpke(...args);
  };
  return { ...actual, openHpke };
});
vi.mock('../../../src/protocol/order-signature.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/protocol/order-signature.ts')>();
  const verifyOwnerSignature: typeof actual.verifyOwnerSignature = (owner, ...rest) => {
    work.checks.push(owner.scheme);
    return actual.verifyOwnerSignature(owner, ...rest);
  };
  return { ...actual, verifyOwnerSignature };
});
function forget(): void {
  Object.assign(work, { opens: 0, checks: [] });
}
beforeEach(forget);
afterEach(forget);

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const SCHEMES = ['secp256k1', 'ed25519', 'sr25519'] as const;
const SECRET = new Uint8Array(32).fill(3);
const EPOCH = 7n;
const secretOf = (epoch: bigint) => (epoch === EPOCH ? SECRET : undefined);
const KEY = { epoch: EPOCH, epochKey: await hpkePublicKey(SECRET) };
const PLACE = { deposit: VECTOR_DEPOSIT, ledger: VECTOR_LEDGER };
const ORDER = VECTOR_DEPOSIT_ORDER;
const rngOf = (fill: number): Rng => ({ bytes: (length) => new Uint8Array(length).fill(fill) });
const SEALED = await sealDeposit(ORDER, KEY, VECTOR_DEPOSIT, rngOf(1));
const POSTS = {
  secp256k1: await post('secp256k1'),
  ed25519: await post('ed25519'),
  sr25519: await post('sr25519'),
};

function post(scheme: SignatureScheme, ledger: SigningDomain = VECTOR_LEDGER): Promise<Uint8Array> {
  const order = vectorPostedOrder(scheme);
  const signature = signAsOwner(scheme, orderDigest(ledger, order));
  return sealPost({ order, signature }, KEY, VECTOR_LEDGER, rngOf(1));
}

function unopened(reason: string): OpenedEnvelope {
  return { kind: 'unopened', reason } as OpenedEnvelope;
}

function open(envelope: Uint8Array, place = PLACE): Promise<OpenedEnvelope> {
  return openEnvelope(envelope, place, secretOf);
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return Uint8Array.from(bytes).fill(value, at, at + 1);
}

describe('a sealed envelope', () => {
  test('opens to its order in its deposit, and says its epoch and key', async () => {
    const enc = toHex(SEALED.subarray(9, 41));
    expect(await open(SEALED)).toEqual({ kind: 'sealed', epoch: EPOCH, enc, order: ORDER });
  });

  test('has 640 bytes whatever it holds: kind, epoch and ciphertext', async () => {
    const full: DepositOrder = {
      ...ORDER,
      legs: Array(6).fill(ORDER.legs[1]),
      memo: new Uint8Array(128).fill(1),
    };
    for (const order of [full, { ...ORDER, legs: [] }]) {
      expect(await sealDeposit(order, KEY, VECTOR_DEPOSIT, rngOf(2))).toHaveLength(640);
    }
    expect(SEALED_ENVELOPE_BYTES).toBe(640);
    expect(toHex(SEALED.subarray(0, 9))).toBe('0x010000000000000007');
  });

  test('differs in every byte string that the randomness decides', async () => {
    const other = await sealDeposit(ORDER, KEY, VECTOR_DEPOSIT, rngOf(2));
    expect(toHex(other.subarray(9, 41))).not.toBe(toHex(SEALED.subarray(9, 41)));
    expect(toHex(other.subarray(41))).not.toBe(toHex(SEALED.subarray(41)));
  });

  test.each<[string, Partial<DepositBinding>]>([
    ['chain', { chainId: 1n }],
    ['gateway', { gateway: address('a2') }],
    ['sender', { sender: address('b1') }],
    ['refund address', { refundTo: address('b1') }],
    ['asset', { asset: assetId(31_337n, address('01')) }],
    ['amount', { amount: 1_001n }],
    ['destination', { destination: 1n }],
  ])('copied into a deposit with another %s does not open', async (_, part) => {
    const deposit = { ...VECTOR_DEPOSIT, ...part } as typeof VECTOR_DEPOSIT;
    expect(await open(SEALED, { ...PLACE, deposit })).toEqual(unopened('undecryptable'));
  });

  test('with any byte of its key or ciphertext flipped does not open', async () => {
    for (let at = 9; at < SEALED.length; at++) {
      const tampered = SEALED.map((byte, i) => (i === at ? byte ^ 0x80 : byte));
      // The top bit of an X25519 key is not part of it, but of the key schedule: RFC 7748 §5 and RFC 9180 §4.1.
      expect(await open(tampered), `byte ${at}`).toEqual(unopened('undecryptable'));
    }
  });

  test('of an epoch that has no key here says so, even if it is sealed to what stands in for one', async () => {
    expect(await open(withByte(SEALED, 8, 8))).toEqual(unopened('unknown-epoch'));
    const key = { epoch: 8n, epochKey: await hpkePublicKey(STAND_IN_SECRET) };
    const sealed = await sealDeposit(ORDER, key, VECTOR_DEPOSIT, rngOf(1));
    expect(await open(sealed)).toEqual(unopened('unknown-epoch'));
  });

  test('relabelled as of another epoch with a key does not open, even if it is the same key', async () => {
    const opened = await openEnvelope(withByte(SEALED, 8, 8), PLACE, () => SECRET);
    expect(opened).toEqual(unopened('undecryptable'));
  });

  test('does not open with another secret', async () => {
    const opened = await openEnvelope(SEALED, PLACE, () => new Uint8Array(32).fill(4));
    expect(opened).toEqual(unopened('undecryptable'));
  });

  test('that seals something other than an order is known as such', async () => {
    const plaintext = encodeDepositOrder(ORDER).fill(2, 0, 1);
    expect(await open(await sealedBytes(plaintext))).toEqual(unopened('malformed-order'));
    expect(await open(await sealedBytes(encodeDepositOrder(ORDER)))).toMatchObject({
      order: ORDER,
    });
  });
});

describe('a posted envelope', () => {
  test.each(SCHEMES)('opens to the order that its owner has signed by %s', async (scheme) => {
    const order = vectorPostedOrder(scheme);
    expect(await open(POSTS[scheme])).toEqual({ kind: 'post', epoch: EPOCH, order });
  });

  test('has 832 bytes, the most that a gateway takes: kind, scheme, epoch and ciphertext', () => {
    for (const scheme of SCHEMES) {
      expect(POSTS[scheme]).toHaveLength(832);
      const head = `0x020${SIGNATURE_SCHEMES[scheme]}0000000000000007`;
      expect(toHex(POSTS[scheme].subarray(0, 10))).toBe(head);
    }
    expect([POST_ENVELOPE_BYTES, MAX_ENVELOPE_BYTES]).toEqual([832, 832]);
  });

  test('opens in whatever message it comes, since anybody may post it', async () => {
    const deposit = { ...VECTOR_DEPOSIT, chainId: 5n, sender: address('77') };
    const place = { ...PLACE, deposit } as unknown as typeof PLACE;
    expect(await open(POSTS.ed25519, place)).toMatchObject({ kind: 'post' });
  });

  test.each([
    ['anchor chain', { ...VECTOR_LEDGER, chainId: 1n }],
    ['anchor', { ...VECTOR_LEDGER, verifyingContract: address('b3') }],
  ])('does not open for a ledger with another %s', async (_, ledger) => {
    const place = { ...PLACE, ledger } as typeof PLACE;
    expect(await open(POSTS.secp256k1, place)).toEqual(unopened('undecryptable'));
  });

  test('signed for another ledger is not signed, whoever seals it for this one', async () => {
    for (const scheme of SCHEMES) {
      const other = await post(scheme, { ...VECTOR_LEDGER, verifyingContract: address('b3') });
      expect(await open(other)).toEqual(unopened('not-signed'));
    }
  });

  test('relabelled as of another scheme or epoch does not open', async () => {
    expect(await open(withByte(POSTS.ed25519, 1, 3))).toEqual(unopened('undecryptable'));
    expect(await open(withByte(POSTS.ed25519, 9, 8))).toEqual(unopened('unknown-epoch'));
    const opened = await openEnvelope(withByte(POSTS.ed25519, 9, 8), PLACE, () => SECRET);
    expect(opened).toEqual(unopened('undecryptable'));
  });

  test('of an unknown scheme is known as such', async () => {
    for (const byte of [0, 4, 255]) {
      expect(await open(withByte(POSTS.ed25519, 1, byte))).toEqual(unopened('unknown-scheme'));
    }
  });

  test('that seals an order which nobody has signed, or none, is known as such', async () => {
    const order = vectorPostedOrder('ed25519');
    const plaintext = encodePostedOrder({ order, signature: new Uint8Array(64).fill(1) });
    expect(await open(await postedBytes(plaintext))).toEqual(unopened('not-signed'));
    expect(await open(await postedBytes(plaintext.fill(2, 0, 1)))).toEqual(
      unopened('malformed-order'),
    );
  });

  test('is no deposit, and a deposit no post, whatever the first byte says', async () => {
    expect(await open(withByte(SEALED, 0, 2))).toEqual(unopened('wrong-length'));
    expect(await open(withByte(POSTS.ed25519, 0, 1))).toEqual(unopened('wrong-length'));
  });
});

describe('the work of an opening', () => {
  async function workOf(envelope: Uint8Array, place = PLACE): Promise<object> {
    forget();
    await open(envelope, place);
    return { opens: work.opens, checks: [...work.checks] };
  }

  test('of a deposit is one HPKE open, whatever it holds and whether it opens', async () => {
    const legs = ORDER.legs.slice(0, 1);
    const envelopes = [
      SEALED,
      await sealDeposit({ ...ORDER, legs }, KEY, VECTOR_DEPOSIT, rngOf(2)),
      withByte(SEALED, 600, 0),
      withByte(SEALED, 8, 9),
      await sealedBytes(new Uint8Array(583)),
    ];
    for (const envelope of envelopes) {
      expect(await workOf(envelope)).toEqual({ opens: 1, checks: [] });
    }
  });

  test.each(SCHEMES)('of a post is one HPKE open and one check by %s', async (scheme) => {
    const code = SIGNATURE_SCHEMES[scheme];
    const wrong = encodePostedOrder({
      order: vectorPostedOrder(scheme),
      signature: new Uint8Array(64).fill(1),
    });
    const envelopes = [
      POSTS[scheme],
      withByte(POSTS[scheme], 800, 0),
      withByte(POSTS[scheme], 9, 9),
      await postedBytes(wrong, code),
      await postedBytes(new Uint8Array(774), code),
    ];
    for (const envelope of envelopes) {
      expect(await workOf(envelope)).toEqual({ opens: 1, checks: [scheme] });
    }
  });

  test('of what has another kind, length or scheme is none', async () => {
    const others = [
      new Uint8Array(0),
      transparentEnvelope(address('c0')),
      SEALED.subarray(1),
      SEALED.subarray(0, 639),
      POSTS.ed25519.subarray(0, 831),
      withByte(POSTS.ed25519, 1, 9),
    ];
    for (const envelope of others) expect(await workOf(envelope)).toEqual({ opens: 0, checks: [] });
  });

  test('is that of a valid signature where a stand-in is checked', () => {
    const ledger = { chainId: 0n, verifyingContract: address('00') };
    for (const scheme of SCHEMES) {
      const { order, signature } = decodePostedOrder(STAND_IN_POSTS[scheme], scheme);
      expect(verifyOwnerSignature(order.owner, orderDigest(ledger, order), signature)).toBe(true);
    }
  });
});

describe('a transparent envelope', () => {
  test('is read by anyone', async () => {
    const envelope = transparentEnvelope(address('c0'));
    expect(envelope).toHaveLength(TRANSPARENT_ENVELOPE_BYTES);
    expect(toHex(envelope)).toBe(`0x00${'c0'.repeat(20)}`);
    expect(await openEnvelope(envelope, PLACE, () => undefined)).toEqual({
      kind: 'transparent',
      recipient: address('c0'),
    });
  });
});

describe('bytes that are no envelope are answered with a reason', () => {
  const transparent = transparentEnvelope(address('c0'));
  test.each([
    ['nothing', new Uint8Array(0), 'unknown-kind'],
    ['another kind', withByte(SEALED, 0, 3), 'unknown-kind'],
    ['a short sealed one', SEALED.subarray(0, 639), 'wrong-length'],
    ['a long sealed one', new Uint8Array([...SEALED, 0]), 'wrong-length'],
    ['only the kind', Uint8Array.of(1), 'wrong-length'],
    ['only the kind of a post', Uint8Array.of(2), 'wrong-length'],
    ['a long post', new Uint8Array([...POSTS.ed25519, 0]), 'wrong-length'],
    ['a short transparent one', transparent.subarray(0, 20), 'wrong-length'],
    ['a long transparent one', new Uint8Array([...transparent, 0]), 'wrong-length'],
    [
      'a ciphertext of zeros',
      new Uint8Array([...SEALED.subarray(0, 9), ...new Uint8Array(631)]),
      'undecryptable',
    ],
  ])('%s', async (_, envelope, reason) => {
    expect(await open(envelope)).toEqual(unopened(reason));
  });
});

test('an order that cannot be encoded is refused before anything is sealed', async () => {
  const order = { ...ORDER, tagSecret: new Uint8Array(0) };
  const sealing = sealDeposit(order, KEY, VECTOR_DEPOSIT, rngOf(1));
  await expect(sealing).rejects.toMatchObject({ code: 'ORDER_UNENCODABLE' });
});

const EPOCH_DIGITS = fromHex('0x0000000000000007');
const word = (hex: string) => fromHex(`0x${hex.padStart(64, '0')}`);

/** The envelope of a deposit around any bytes, put together by the wire format's own words. */
async function sealedBytes(plaintext: Uint8Array): Promise<Uint8Array> {
  const aad = concatBytes(
    word('7a69'),
    word('a1'.repeat(20)),
    word('c3'.repeat(20)),
    word('c4'.repeat(20)),
    fromHex(VECTOR_DEPOSIT.asset),
    word('de0b6b3a7640000'),
    word('0'),
  );
  return concatBytes(Uint8Array.of(1), EPOCH_DIGITS, await sealBytes(plaintext, aad));
}

/** The envelope of a post around any bytes, of ed25519 unless said. */
async function postedBytes(plaintext: Uint8Array, scheme = 2): Promise<Uint8Array> {
  const aad = concatBytes(
    utf8('post'),
    word('190f1b93'),
    word('b2'.repeat(20)),
    word('7'),
    Uint8Array.of(scheme),
  );
  return concatBytes(Uint8Array.of(2, scheme), EPOCH_DIGITS, await sealBytes(plaintext, aad));
}

function sealBytes(plaintext: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
  const info = concatBytes(utf8('veilspan/envelope/v1'), EPOCH_DIGITS);
  const keys = { publicKey: KEY.epochKey, ephemeralIkm: new Uint8Array(32).fill(5) };
  return sealHpke(keys, plaintext, { info, aad });
}
