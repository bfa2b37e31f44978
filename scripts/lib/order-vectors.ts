import { ed25519 } from '@noble/curves/ed25519.js';
import { getPublicKey, secretFromSeed, sign } from '@scure/sr25519';
import { hpkePublicKey } from '../../src/crypto/hpke.ts';
import { addressOf, signDigest } from '../../src/crypto/secp256k1.ts';
import { type AccountOwner, accountId, type SignatureScheme } from '../../src/protocol/account.ts';
import { encodeDepositOrder } from '../../src/protocol/deposit-order.ts';
import { sealDeposit, sealPost } from '../../src/protocol/envelope.ts';
import type { DepositOrder, PostedOrder } from '../../src/protocol/order.ts';
import { orderDigest, signedBytes } from '../../src/protocol/order-signature.ts';
import { encodePostedOrder } from '../../src/protocol/posted-order.ts';
import { type AccountPermit, permitDigest } from '../../src/protocol/query.ts';
import { payoutTag } from '../../src/protocol/tag.ts';
import { type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';

// What test/vectors/orders.json holds: one order of each kind, in bytes, signed by each scheme, and sealed.

const SEED = new Uint8Array(32).fill(0x11);
/** The secret of the epoch's key pair. */
export const VECTOR_EPOCH_SECRET: Uint8Array = new Uint8Array(32).fill(0x22);
const EPHEMERAL = new Uint8Array(32).fill(0x33);
/** The epoch that the vectors are sealed to. */
export const VECTOR_KEY_EPOCH = 3n;

const filled = (byte: string, bytes: number): Hex => `0x${byte.repeat(bytes)}`;

/** The ledger that the orders are for. */
export const VECTOR_LEDGER = {
  chainId: 420_420_499n,
  verifyingContract: filled('b2', 20),
} as const;

/** The deposit that the deposit's order comes with. */
export const VECTOR_DEPOSIT = {
  chainId: 31_337n,
  gateway: filled('a1', 20),
  sender: filled('c3', 20),
  refundTo: filled('c4', 20),
  asset: `0x${'00'.repeat(10)}7a69${'00'.repeat(20)}`,
  amount: 10n ** 18n,
  destination: 0n,
} as const;

const TERMS = {
  legs: [
    {
      mode: 'direct',
      chainId: 31_337n,
      recipient: `0x${'00'.repeat(12)}${'d4'.repeat(20)}`,
      amount: 123_456_789n,
      crowd: 1,
    },
    {
      mode: 'pooled',
      chainId: 420_420_499n,
      recipient: `0x${'00'.repeat(12)}${'e5'.repeat(20)}`,
      amount: 2n * 10n ** 17n,
      crowd: 4,
    },
    { mode: 'transfer', chainId: 0n, recipient: filled('f6', 32), amount: 2n ** 127n, crowd: 1 },
  ],
  notBefore: 0x0102030405060708n,
  patience: 0x1112131415161718n,
  afterPatience: 'wait',
  tagSecret: new Uint8Array(32).fill(0x5a),
  memo: utf8('for the rent'),
} as const;

/** The order of a deposit. */
export const VECTOR_DEPOSIT_ORDER: DepositOrder = { account: filled('07', 32), ...TERMS };

/** Owners by scheme, all of the same seed. */
export const VECTOR_OWNERS: Readonly<Record<SignatureScheme, AccountOwner>> = {
  secp256k1: owner('secp256k1', `0x${'00'.repeat(12)}${addressOf(SEED).slice(2)}`),
  ed25519: owner('ed25519', toHex(ed25519.getPublicKey(SEED))),
  sr25519: owner('sr25519', toHex(getPublicKey(secretFromSeed(SEED)))),
};

/** The same order of every owner. */
export function vectorPostedOrder(scheme: SignatureScheme): PostedOrder {
  return {
    owner: VECTOR_OWNERS[scheme],
    nonce: 70n,
    asset: VECTOR_DEPOSIT.asset,
    expiry: 288n,
    maxFee: 10n ** 14n,
    posterAccount: filled('18', 32),
    ...TERMS,
  };
}

/** A permit of every owner. */
export function vectorPermit(scheme: SignatureScheme): AccountPermit {
  return {
    owner: VECTOR_OWNERS[scheme],
    reader: filled('29', 32),
    what: 'balances',
    firstRound: 5n,
    lastRound: 300n,
    revocationNonce: 71n,
  };
}

/** What an owner's wallet makes of a digest. */
export function signAsOwner(scheme: SignatureScheme, digest: Uint8Array): Uint8Array {
  const message = signedBytes(scheme, digest);
  switch (scheme) {
    case 'secp256k1':
      return signDigest(SEED, message);
    case 'ed25519':
      return ed25519.sign(message, SEED);
    case 'sr25519':
      return sign(secretFromSeed(SEED), message, (length) => new Uint8Array(length).fill(0x44));
  }
}

/** The JSON document: numbers as decimal text, bytes as hex. */
export async function orderVectors(): Promise<object> {
  const key = { epoch: VECTOR_KEY_EPOCH, epochKey: await hpkePublicKey(VECTOR_EPOCH_SECRET) };
  const rng = { bytes: () => EPHEMERAL };
  const schemes = ['secp256k1', 'ed25519', 'sr25519'] as const;
  return {
    epochSecret: toHex(VECTOR_EPOCH_SECRET),
    epochKey: toHex(key.epochKey),
    ephemeralIkm: toHex(EPHEMERAL),
    tags: [0, 5].map((leg) => payoutTag(TERMS.tagSecret, leg)),
    deposit: {
      plaintext: toHex(encodeDepositOrder(VECTOR_DEPOSIT_ORDER)),
      envelope: toHex(await sealDeposit(VECTOR_DEPOSIT_ORDER, key, VECTOR_DEPOSIT, rng)),
    },
    posts: await Promise.all(
      schemes.map(async (scheme) => {
        const order = vectorPostedOrder(scheme);
        const digest = orderDigest(VECTOR_LEDGER, order);
        const signed = { order, signature: signAsOwner(scheme, digest) };
        return {
          scheme,
          account: accountId(order.owner),
          digest: toHex(digest),
          permitDigest: toHex(permitDigest(VECTOR_LEDGER, vectorPermit(scheme))),
          plaintext: toHex(encodePostedOrder(signed)),
          envelope: toHex(await sealPost(signed, key, VECTOR_LEDGER, rng)),
        };
      }),
    ),
  };
}

function owner(scheme: SignatureScheme, publicKey: Hex): AccountOwner {
  return { scheme, publicKey, index: 0x01020304 };
}
