import { TypedDataEncoder, Wallet } from 'ethers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Keyring } from '#polkadot/keyring';
import { cryptoWaitReady } from '#polkadot/util-crypto';
import {
  signAsOwner,
  VECTOR_LEDGER,
  VECTOR_OWNERS,
  vectorPermit,
  vectorPostedOrder,
} from '../../../scripts/lib/order-vectors.ts';
import type { AccountOwner } from '../../../src/protocol/account.ts';
import type { PostedOrder } from '../../../src/protocol/order.ts';
import {
  orderDigest,
  signedBytes,
  verifyOwnerSignature,
} from '../../../src/protocol/order-signature.ts';
import {
  orderTypedData,
  permitTypedData,
  type TypedData,
} from '../../../src/protocol/order-typed-data.ts';
import { permitDigest } from '../../../src/protocol/query.ts';
import { fromHex, type Hex, toHex, utf8 } from '../../../src/shared/bytes.ts';

const hashes = vi.hoisted(() => ({ blocks: 0 }));
vi.mock('../../../src/crypto/hashes.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../src/crypto/hashes.ts')>();
  const keccak256 = (bytes: Uint8Array) => {
    hashes.blocks += Math.floor(bytes.length / 136) + 1;
    return actual.keccak256(bytes);
  };
  return { ...actual, keccak256 };
});
afterEach(() => {
  hashes.blocks = 0;
});

const SCHEMES = ['secp256k1', 'ed25519', 'sr25519'] as const;
const ORDER = vectorPostedOrder('secp256k1');

/** Another implementation of EIP-712. */
function digestByEthers({ domain, types, message }: TypedData): string {
  const mutable = Object.fromEntries(Object.entries(types).map(([name, of]) => [name, [...of]]));
  return TypedDataEncoder.hash(domain, mutable, message);
}

describe('the digest of an order', () => {
  it('is what a wallet hashes of its typed data, whatever the number of legs', () => {
    const [leg] = ORDER.legs;
    for (let count = 0; count <= 6; count++) {
      const order = { ...ORDER, legs: Array(count).fill(leg) };
      expect(toHex(orderDigest(VECTOR_LEDGER, order))).toBe(
        digestByEthers(orderTypedData(VECTOR_LEDGER, order)),
      );
    }
  });

  it('of a permit is what a wallet hashes of its typed data', () => {
    const permit = vectorPermit('ed25519');
    const digest = toHex(permitDigest(VECTOR_LEDGER, permit));
    expect(digest).toBe(digestByEthers(permitTypedData(VECTOR_LEDGER, permit)));
  });

  it.each<[string, Partial<PostedOrder>]>([
    ['key', { owner: { ...ORDER.owner, publicKey: `0x${'01'.repeat(32)}` } }],
    ['scheme', { owner: { ...ORDER.owner, scheme: 'ed25519' } }],
    ['account of the key', { owner: { ...ORDER.owner, index: 1 } }],
    ['nonce', { nonce: 71n }],
    ['asset', { asset: `0x${'02'.repeat(32)}` }],
    ['number of legs', { legs: ORDER.legs.slice(1) }],
    ['order of legs', { legs: ORDER.legs.toReversed() }],
    ['notBefore', { notBefore: 1n }],
    ['patience', { patience: 1n }],
    ['end of patience', { afterPatience: 'return' }],
    ['expiry', { expiry: 1n }],
    ['most fee', { maxFee: 1n }],
    ['poster', { posterAccount: `0x${'03'.repeat(32)}` }],
    ['tag secret', { tagSecret: new Uint8Array(32) }],
    ['memo', { memo: utf8('for the Rent') }],
  ])('differs with another %s', (_, part) => {
    const digest = toHex(orderDigest(VECTOR_LEDGER, ORDER));
    expect(toHex(orderDigest(VECTOR_LEDGER, { ...ORDER, ...part }))).not.toBe(digest);
  });

  it('differs with each field of a leg, and with the ledger', () => {
    const [, pooled] = ORDER.legs;
    if (pooled === undefined) throw new Error('the vector has a pooled leg');
    const recipient: Hex = `0x${'04'.repeat(32)}`;
    const changed = [
      {},
      { mode: 'direct' },
      { chainId: 1n },
      { recipient },
      { amount: 1n },
      { crowd: 2 },
    ];
    const digests = changed.map((part) =>
      toHex(
        orderDigest(VECTOR_LEDGER, { ...ORDER, legs: [{ ...pooled, ...part } as typeof pooled] }),
      ),
    );
    const elsewhere = [
      { ...VECTOR_LEDGER, chainId: 1n },
      { ...VECTOR_LEDGER, verifyingContract: `0x${'05'.repeat(20)}` as Hex },
    ].map((ledger) => toHex(orderDigest(ledger, { ...ORDER, legs: [pooled] })));
    expect(new Set([...digests, ...elsewhere]).size).toBe(8);
  });

  it('takes the same work for any number of legs and any memo', () => {
    const [leg] = ORDER.legs;
    const memos = [0, 1, 128].map((length) => new Uint8Array(length));
    const orders = memos.flatMap((memo) =>
      [0, 1, 2, 3, 4, 5, 6].map((count) => ({ ...ORDER, memo, legs: Array(count).fill(leg) })),
    );
    orderDigest(VECTOR_LEDGER, ORDER);
    const work = orders.map((order) => {
      hashes.blocks = 0;
      orderDigest(VECTOR_LEDGER, order);
      return hashes.blocks;
    });
    expect(new Set(work).size).toBe(1);
    expect(work[0]).toBeGreaterThan(20);
  });
});

describe('the signature of an owner', () => {
  it.each(SCHEMES)('by %s holds for what was signed, and for nothing else', (scheme) => {
    const order = vectorPostedOrder(scheme);
    const digest = orderDigest(VECTOR_LEDGER, order);
    const signature = signAsOwner(scheme, digest);
    const holds = (owner: AccountOwner, over: Uint8Array, bytes: Uint8Array) =>
      verifyOwnerSignature(owner, over, bytes);
    expect(holds(order.owner, digest, signature)).toBe(true);
    expect(holds(order.owner, digest.toReversed(), signature)).toBe(false);
    expect(holds({ ...order.owner, publicKey: `0x${'01'.repeat(32)}` }, digest, signature)).toBe(
      false,
    );
    for (const other of SCHEMES.filter((name) => name !== scheme)) {
      expect(holds(VECTOR_OWNERS[other], digest, signature)).toBe(false);
    }
    for (let at = 0; at < signature.length; at += 7) {
      const changed = signature.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(holds(order.owner, digest, changed), `byte ${at}`).toBe(false);
    }
    for (const bytes of [
      new Uint8Array(0),
      signature.subarray(1),
      new Uint8Array(65),
      new Uint8Array(64),
    ]) {
      expect(holds(order.owner, digest, bytes)).toBe(false);
    }
  });

  it('by an address holds only if the key names the whole of it, with zeros in front', () => {
    const digest = orderDigest(VECTOR_LEDGER, ORDER);
    const signature = signAsOwner('secp256k1', digest);
    const publicKey: Hex = `0x01${ORDER.owner.publicKey.slice(4)}`;
    expect(verifyOwnerSignature({ ...ORDER.owner, publicKey }, digest, signature)).toBe(false);
  });

  it('is what an Ethereum wallet makes of the typed data', async () => {
    const wallet = new Wallet(`0x${'11'.repeat(32)}`);
    const { domain, types, message } = orderTypedData(VECTOR_LEDGER, ORDER);
    const mutable = Object.fromEntries(Object.entries(types).map(([name, of]) => [name, [...of]]));
    const signature = fromHex(await wallet.signTypedData(domain, mutable, message));
    const digest = orderDigest(VECTOR_LEDGER, ORDER);
    expect(verifyOwnerSignature(ORDER.owner, digest, signature)).toBe(true);
  });

  it.each(['ed25519', 'sr25519'] as const)(
    'is what a Polkadot keyring makes by %s',
    async (type) => {
      await cryptoWaitReady();
      const pair = new Keyring({ type }).addFromSeed(new Uint8Array(32).fill(0x77));
      const owner = { scheme: type, publicKey: toHex(pair.publicKey), index: 0 };
      const digest = orderDigest(VECTOR_LEDGER, { ...ORDER, owner });
      const signature = Uint8Array.from(pair.sign(signedBytes(type, digest)));
      expect(verifyOwnerSignature(owner, digest, signature)).toBe(true);
    },
  );

  it('covers what wallets put around bytes for sr25519, and the bare digest for ed25519', () => {
    const digest = new Uint8Array(32).fill(1);
    expect(signedBytes('sr25519', digest)).toEqual(
      new Uint8Array([...utf8('<Bytes>'), ...digest, ...utf8('</Bytes>')]),
    );
    expect(signedBytes('ed25519', digest)).toEqual(digest);
  });
});
