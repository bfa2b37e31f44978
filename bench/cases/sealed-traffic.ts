import { ed25519 } from '@noble/curves/ed25519.js';
import { getPublicKey, secretFromSeed, sign } from '@scure/sr25519';
import { sha256 } from '../../src/crypto/hashes.ts';
import { addressOf, signDigest } from '../../src/crypto/secp256k1.ts';
import { ledgerDomain } from '../../src/enclave/measured-config.ts';
import type { EnclaveContext } from '../../src/enclave/state.ts';
import type { AccountOwner, SignatureScheme } from '../../src/protocol/account.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { type EpochKey, sealDeposit, sealPost } from '../../src/protocol/envelope.ts';
import type { MessageBody } from '../../src/protocol/message.ts';
import type { DepositOrder, Leg, PostedOrder } from '../../src/protocol/order.ts';
import { orderDigest, signedBytes } from '../../src/protocol/order-signature.ts';
import { fromHex, type Hex, toBigEndian, toHex, utf8 } from '../../src/shared/bytes.ts';
import type { Rng } from '../../src/shared/rng.ts';
import { deposit } from '../../test/support/deposits.ts';
import { ETHEREUM, ETHEREUM_GATEWAY, HOUSE, POLKADOT } from '../../test/support/enclave-world.ts';

// Messages as many different users would send them: no two have a key, an account, an address or a tag in common.

/** What all of it is in: the coin of the chain on which it is sent. */
export const COIN = assetId(ETHEREUM, NATIVE_TOKEN);
/** A rung of that coin in the tests' world. */
const RUNG = 100n;
const DEPOSITED = 1_000n;
/** What posting costs. */
const POST_FEE = 7n;

/** 32 bytes that only this name and number have. */
export function uniqueBytes(name: string, number: number): Uint8Array {
  return sha256(utf8(`${name} ${number}`));
}

/** The same as a key of a map. */
export function uniqueWord(name: string, number: number): Hex {
  return toHex(uniqueBytes(name, number));
}

/** The same as an address, 20 bytes. */
export function uniqueAddress(name: string, number: number): Hex {
  return toHex(uniqueBytes(name, number).subarray(12));
}

/** What messages of a kind have in common. */
export interface Traffic {
  readonly context: EnclaveContext;
  /** Names what no other messages are to have. */
  readonly name: string;
  /** Pooled legs of each order. */
  readonly legs: number;
  readonly sentAtSec: bigint;
  /** False: of each envelope one bit is flipped, so that none opens. */
  readonly isReadable?: boolean;
}

/** `count` sealed deposits, each of a sender of its own who opens an account. */
export async function sealedDeposits(traffic: Traffic, count: number): Promise<MessageBody[]> {
  const key = await epochKeyOf(traffic.context);
  const bodies: MessageBody[] = [];
  for (let i = 0; i < count; i++) bodies.push(await depositBody(traffic, key, i));
  return bodies;
}

/** What signs a post, and what may be wrong with it. */
export interface PostTraffic extends Traffic {
  readonly scheme: SignatureScheme;
  /** False: the signature is one of something else. */
  readonly isSigned?: boolean;
}

/** `count` posted orders, each of an owner of its own: see {@link ownerOf}. */
export async function sealedPosts(traffic: PostTraffic, count: number): Promise<MessageBody[]> {
  const key = await epochKeyOf(traffic.context);
  const bodies: MessageBody[] = [];
  for (let i = 0; i < count; i++) bodies.push(await postBody(traffic, key, i));
  return bodies;
}

/** Who signs the post of this number. */
export function ownerOf({ name, scheme }: PostTraffic, number: number): AccountOwner {
  const seed = uniqueBytes(`${name} owner`, number);
  return { scheme, publicKey: publicKeyOf(scheme, seed), index: 0 };
}

async function depositBody(traffic: Traffic, key: EpochKey, number: number): Promise<MessageBody> {
  const { name, sentAtSec } = traffic;
  const sender = uniqueAddress(`${name} sender`, number);
  const place = { sentAtSec, sender, refundTo: sender, destination: 0n };
  const body = deposit(ETHEREUM, DEPOSITED, place);
  const account = uniqueWord(`${name} account`, number);
  const order: DepositOrder = { account, ...termsOf(traffic, number) };
  const binding = { ...body, chainId: ETHEREUM, gateway: ETHEREUM_GATEWAY };
  const envelope = await sealDeposit(order, key, binding, rngOf(traffic, number));
  return { ...body, envelope: spoilt(traffic, envelope) };
}

async function postBody(traffic: PostTraffic, key: EpochKey, number: number): Promise<MessageBody> {
  const { name, context, scheme, sentAtSec } = traffic;
  const order: PostedOrder = {
    owner: ownerOf(traffic, number),
    nonce: 0n,
    asset: COIN,
    expiry: 10n,
    maxFee: 10n,
    posterAccount: HOUSE,
    ...termsOf(traffic, number),
  };
  const ledger = ledgerDomain(context.config);
  const signed = traffic.isSigned === false ? { ...order, nonce: 1n } : order;
  const signature = signWith(
    scheme,
    uniqueBytes(`${name} owner`, number),
    orderDigest(ledger, signed),
  );
  const envelope = await sealPost({ order, signature }, key, ledger, rngOf(traffic, number));
  const sender = uniqueAddress(`${name} sender`, number);
  const place = { sentAtSec, sender, refundTo: sender, destination: 0n, fee: POST_FEE };
  return deposit(ETHEREUM, POST_FEE, { ...place, envelope: spoilt(traffic, envelope) });
}

function termsOf({ name, legs }: Traffic, number: number) {
  const legOf = (i: number): Leg => ({
    mode: 'pooled',
    chainId: POLKADOT,
    recipient: `0x${'00'.repeat(12)}${uniqueAddress(`${name} recipient ${i}`, number).slice(2)}`,
    amount: RUNG,
    crowd: 1,
  });
  return {
    legs: Array.from({ length: legs }, (_, i) => legOf(i)),
    notBefore: 0n,
    patience: 10_000n,
    afterPatience: 'return',
    tagSecret: uniqueBytes(`${name} tag`, number),
    memo: new Uint8Array(),
  } as const;
}

async function epochKeyOf({ config, keys }: EnclaveContext): Promise<EpochKey> {
  return { epoch: config.epoch, epochKey: fromHex(await keys.epochKeyOf(config.epoch)) };
}

function rngOf({ name }: Traffic, number: number): Rng {
  return {
    bytes: (length) => uniqueBytes(`${name} ${toHex(toBigEndian(BigInt(length), 4))}`, number),
  };
}

/** The last bit is of the tag. */
function spoilt({ isReadable = true }: Traffic, envelope: Uint8Array): Uint8Array {
  return isReadable ? envelope : envelope.with(-1, (envelope.at(-1) ?? 0) ^ 1);
}

function publicKeyOf(scheme: SignatureScheme, seed: Uint8Array): Hex {
  switch (scheme) {
    case 'secp256k1':
      return `0x${'00'.repeat(12)}${addressOf(seed).slice(2)}`;
    case 'ed25519':
      return toHex(ed25519.getPublicKey(seed));
    case 'sr25519':
      return toHex(getPublicKey(secretFromSeed(seed)));
  }
}

function signWith(scheme: SignatureScheme, seed: Uint8Array, digest: Uint8Array): Uint8Array {
  const message = signedBytes(scheme, digest);
  switch (scheme) {
    case 'secp256k1':
      return signDigest(seed, message);
    case 'ed25519':
      return ed25519.sign(message, seed);
    case 'sr25519':
      return sign(secretFromSeed(seed), message);
  }
}
