import { Wallet } from 'ethers';
import { describe, expect, test } from 'vitest';
import { accountOfSecret, polkadotAccount } from '../../../src/client/account-signer.ts';
import { makePost } from '../../../src/client/make-post.ts';
import { hpkePublicKey } from '../../../src/crypto/hpke.ts';
import { accountId } from '../../../src/protocol/account.ts';
import { openEnvelope } from '../../../src/protocol/envelope.ts';
import { orderDigest, verifyOwnerSignature } from '../../../src/protocol/order-signature.ts';
import { permitDigest } from '../../../src/protocol/query.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import { legOf, WEST_COIN, wordOf } from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

const KEY = `0x${'42'.repeat(32)}`;
const LEDGER = { chainId: 7n, verifyingContract: `0x${'0a'.repeat(20)}` } as const;
const SECRET = new Uint8Array(32).fill(9);
const rng = { bytes: (length: number) => new Uint8Array(length).fill(3) };
const DRAFT = {
  asset: WEST_COIN,
  legs: [legOf()],
  notBefore: 3n,
  patience: 9n,
  afterPatience: 'wait',
  nonce: 4n,
  expiry: 99n,
  maxFee: 5n,
  posterAccount: wordOf(0xbe),
  tagSecret: new Uint8Array(32).fill(8),
} as const;

const KEYS = [
  ['an Ethereum wallet', KEY, {}, 'secp256k1'],
  ['an sr25519 key', '//Alice', {}, 'sr25519'],
  ['an ed25519 key', '//Alice', { scheme: 'ed25519' }, 'ed25519'],
] as const;

describe.each(KEYS)('an account of %s', (_, secret, choice, scheme) => {
  test('posts orders that open as its own, on its ledger and no other', async () => {
    const signer = await accountOfSecret(secret, choice);
    const epochKey = { epoch: 2n, epochKey: await hpkePublicKey(SECRET) };
    const { order, envelope } = await makePost(signer, DRAFT, { ledger: LEDGER, epochKey }, rng);
    expect(order.owner.scheme).toBe(scheme);
    const deposit = {
      chainId: 1n,
      gateway: LEDGER.verifyingContract,
      sender: LEDGER.verifyingContract,
      refundTo: LEDGER.verifyingContract,
      asset: WEST_COIN,
      amount: 1n,
      destination: 0n,
    };
    const open = (
      ledger:
        | typeof LEDGER
        | { chainId: bigint; verifyingContract: typeof LEDGER.verifyingContract },
    ) =>
      openEnvelope(envelope, { deposit, ledger }, (epoch) => (epoch === 2n ? SECRET : undefined));
    expect(await open(LEDGER)).toEqual({ kind: 'post', epoch: 2n, order });
    expect(await open({ ...LEDGER, chainId: 8n })).toMatchObject({ kind: 'unopened' });
  });

  test('signs orders and permits that its owner’s key verifies', async () => {
    const signer = await accountOfSecret(secret, choice);
    const order = { ...DRAFT, owner: signer.owner, memo: new Uint8Array(3) };
    const signed = await signer.signOrder(LEDGER, order);
    const digest = orderDigest(LEDGER, order);
    expect(verifyOwnerSignature(signer.owner, digest, signed.signature)).toBe(true);
    const permit = {
      owner: signer.owner,
      reader: wordOf(0x44),
      what: 'balances',
      firstRound: 0n,
      lastRound: 5n,
      revocationNonce: 1n,
    } as const;
    const signature = await signer.signPermit(LEDGER, permit);
    expect(verifyOwnerSignature(signer.owner, permitDigest(LEDGER, permit), signature)).toBe(true);
  });
});

test('one key has many accounts', async () => {
  const ids = await Promise.all(
    [0, 1].map(async (index) => accountId((await accountOfSecret(KEY, { index })).owner)),
  );
  expect(new Set(ids).size).toBe(2);
  const { owner } = await accountOfSecret(KEY);
  expect(owner.publicKey).toBe(
    `0x${'00'.repeat(12)}${new Wallet(KEY).address.slice(2).toLowerCase()}`,
  );
});

test.each(['Alice', 'a secret that no wallet has', '0x12', `${'secret '.repeat(12)}words`])(
  'what is neither a private key nor a SURI is refused, and not repeated: %s',
  async (secret) => {
    const refused = await asyncRefusal(accountOfSecret(secret));
    expect(refused.code).toBe('ACCOUNT_KEY_INVALID');
    const told = JSON.stringify([refused.message, refused.meta, refused.cause]);
    expect(told.replace('//Alice', '')).not.toContain(secret);
  },
);

test('a key of a scheme that the ledger does not know owns no account', () => {
  // CAST: nothing else of the pair is looked at.
  const pair = { type: 'ecdsa' } as Parameters<typeof polkadotAccount>[0];
  expect(refusal(() => polkadotAccount(pair)).code).toBe('ACCOUNT_KEY_INVALID');
});
