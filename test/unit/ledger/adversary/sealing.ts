import { ed25519 } from '@noble/curves/ed25519.js';
import { hpkePublicKey } from '../../../../src/crypto/hpke.ts';
import { type AccountOwner, accountId } from '../../../../src/protocol/account.ts';
import type { SigningDomain } from '../../../../src/protocol/eip712.ts';
import {
  type OpenedEnvelope,
  openEnvelope,
  sealDeposit,
  sealPost,
} from '../../../../src/protocol/envelope.ts';
import type { Message } from '../../../../src/protocol/message.ts';
import type { DepositOrder, PostedOrder } from '../../../../src/protocol/order.ts';
import { orderDigest } from '../../../../src/protocol/order-signature.ts';
import { toHex } from '../../../../src/shared/bytes.ts';
import {
  HOUSE,
  type LedgerWorld,
  messageOf,
  RULES,
  sealedOrder,
  WEST_COIN,
} from '../../../support/ledger.ts';

// Orders as wallets seal and sign them, and envelopes as enclaves open them: what an attacker changes is in the bytes.

const SEED = new Uint8Array(32).fill(0x11);
const MALLORY_SEED = new Uint8Array(32).fill(0x12);
const EPOCH_SECRETS = new Map(
  [1n, 2n].map((epoch) => [epoch, new Uint8Array(32).fill(0x30 + Number(epoch))]),
);

/** The ledger that orders are for. */
export const LEDGER: SigningDomain = {
  chainId: RULES.anchor.chainId,
  verifyingContract: RULES.anchor.address,
};
export const OWNER = ownerOf(SEED);
export const MALLORY = ownerOf(MALLORY_SEED);
export const ACCOUNT = accountId(OWNER);

function ownerOf(seed: Uint8Array): AccountOwner {
  return { scheme: 'ed25519', publicKey: toHex(ed25519.getPublicKey(seed)), index: 0 };
}

let sealedCount = 0;

/** 32 bytes that no other has. */
function unique(): Uint8Array {
  sealedCount += 1;
  const bytes = new Uint8Array(32).fill(0x77);
  new DataView(bytes.buffer).setUint32(0, sealedCount);
  return bytes;
}

const terms = () =>
  ({
    legs: [],
    notBefore: 0n,
    patience: 1_000n,
    afterPatience: 'return',
    tagSecret: unique(),
    memo: new Uint8Array(0),
  }) as const;

/** The owner's order, of nonce 0: pays its poster and does nothing else. */
export function postedOrder(change: Partial<PostedOrder> = {}): PostedOrder {
  return {
    ...terms(),
    owner: OWNER,
    nonce: 0n,
    asset: WEST_COIN,
    expiry: 100n,
    maxFee: 1_000n,
    posterAccount: HOUSE,
    ...change,
  };
}

/** How an order is signed and sealed: by its owner, for this ledger, to the first epoch, unless said otherwise. */
export interface Sealing {
  readonly epoch?: bigint;
  readonly signer?: AccountOwner;
  /** What the signature is for. */
  readonly signed?: { readonly ledger?: SigningDomain; readonly order?: PostedOrder };
  /** What the envelope is bound to. */
  readonly ledger?: SigningDomain;
}

/** The bytes of a post. */
export async function seal(
  order: PostedOrder,
  { epoch = 1n, signer = order.owner, signed = {}, ledger = LEDGER }: Sealing = {},
): Promise<Uint8Array> {
  const digest = orderDigest(signed.ledger ?? LEDGER, signed.order ?? order);
  const seed = signer.publicKey === MALLORY.publicKey ? MALLORY_SEED : SEED;
  const signature = ed25519.sign(digest, seed);
  return sealPost({ order, signature }, await keyOf(epoch), ledger, { bytes: unique });
}

/** Opens the bytes as an enclave does, and has the next round consume them as a post. */
export async function post(
  world: LedgerWorld,
  envelope: Uint8Array,
  change: Partial<Message> = {},
): Promise<OpenedEnvelope> {
  const opened = await open(envelope, messageOf(change));
  world.post(opened, { envelope, ...change });
  return opened;
}

/** A deposit before its envelope is sealed. */
export function depositOf(change: Partial<Message> = {}): Message {
  return messageOf({ destination: 0n, ...change });
}

/** The bytes of a deposit's envelope, bound to the deposit that it is meant for. */
export async function sealFor(deposit: Message, order: Partial<DepositOrder> = {}) {
  const whole = { ...terms(), account: ACCOUNT, ...order };
  return sealDeposit(whole, await keyOf(1n), deposit, { bytes: unique });
}

/** Opens the bytes in a deposit as an enclave does, and has the next round consume them with it. */
export async function deposit(
  world: LedgerWorld,
  envelope: Uint8Array,
  change: Partial<Message> = {},
): Promise<OpenedEnvelope> {
  const opened = await open(envelope, depositOf(change));
  world.send(opened, { envelope, destination: 0n, ...change });
  return opened;
}

/** Opens the owner's account, with 975 of the western coin in it. */
export function fund(world: LedgerWorld): void {
  world.send(sealedOrder({ account: ACCOUNT }), { fee: 20n });
  world.advance();
}

function open(envelope: Uint8Array, binding: Message): Promise<OpenedEnvelope> {
  return openEnvelope(envelope, { deposit: binding, ledger: LEDGER }, (epoch) =>
    EPOCH_SECRETS.get(epoch),
  );
}

async function keyOf(epoch: bigint) {
  const secret = EPOCH_SECRETS.get(epoch) ?? new Uint8Array(32);
  return { epoch, epochKey: await hpkePublicKey(secret) };
}
