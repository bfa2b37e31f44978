import { openHpke, sealHpke } from '../crypto/hpke.ts';
import { HPKE_KEY_BYTES, HPKE_TAG_BYTES } from '../crypto/hpke-context.ts';
import {
  concatBytes,
  fromBigEndian,
  fromHex,
  type Hex,
  toBigEndian,
  toHex,
} from '../shared/bytes.ts';
import type { Rng } from '../shared/rng.ts';
import { SIGNATURE_SCHEMES, schemeOf } from './account.ts';
import { DEPOSIT_ORDER_BYTES, decodeDepositOrder, encodeDepositOrder } from './deposit-order.ts';
import type { SigningDomain } from './eip712.ts';
import { type DepositBinding, depositContext, postContext } from './envelope-context.ts';
import type { DepositOrder, PostedOrder } from './order.ts';
import { orderDigest, verifyOwnerSignature } from './order-signature.ts';
import { OrderError } from './order-terms.ts';
import {
  decodePostedOrder,
  encodePostedOrder,
  POSTED_ORDER_BYTES,
  type SignedOrder,
} from './posted-order.ts';
import { STAND_IN_DEPOSIT, STAND_IN_POSTS, STAND_IN_SECRET } from './stand-in-orders.ts';

// SPEC: docs/wire-formats.md, "Envelope". Transparent: 0x00 ‖ recipient 20. Sealed: 0x01 ‖ epoch u64 ‖ enc 32 ‖ ciphertext (583 + 16).
// Post: 0x02 ‖ scheme u8 ‖ epoch u64 ‖ enc 32 ‖ ciphertext (774 + 16).

const TRANSPARENT = 0;
const SEALED = 1;
const POST = 2;
const EPOCH_BYTES = 8;
const SEALED_HEADER_BYTES = 1 + EPOCH_BYTES;
const POST_HEADER_BYTES = 2 + EPOCH_BYTES;
const HPKE_BYTES = HPKE_KEY_BYTES + HPKE_TAG_BYTES;

/** Length of every transparent envelope. */
export const TRANSPARENT_ENVELOPE_BYTES = 21;
/** Length of every sealed envelope of a deposit. */
export const SEALED_ENVELOPE_BYTES = SEALED_HEADER_BYTES + HPKE_BYTES + DEPOSIT_ORDER_BYTES;
/** Length of every envelope that is posted: the longest that a gateway takes. */
export const POST_ENVELOPE_BYTES = POST_HEADER_BYTES + HPKE_BYTES + POSTED_ORDER_BYTES;

/** The key that users of an epoch seal to. */
export interface EpochKey {
  /** 64 bits. */
  readonly epoch: bigint;
  /** X25519 public key, 32 bytes. */
  readonly epochKey: Uint8Array;
}

/** Where an envelope is found; in any other place it does not open. */
export interface EnvelopePlace {
  /** The deposit that it came with; a message has all that counts. */
  readonly deposit: DepositBinding;
  /** The ledger's id: the anchor chain and the anchor. What is posted is bound to nothing else. */
  readonly ledger: SigningDomain;
}

/** The secret of a key epoch, undefined if there is none (any more); the same array each time: its key pair is derived once. */
export type SecretOf = (epoch: bigint) => Uint8Array | undefined;

/** Why an envelope did not open. */
export type UnopenedReason =
  | 'unknown-kind'
  | 'wrong-length'
  | 'unknown-scheme'
  | 'unknown-epoch'
  | 'undecryptable'
  | 'malformed-order'
  | 'not-signed';

/** What an envelope says, as far as it can be known. */
export type OpenedEnvelope =
  | { readonly kind: 'transparent'; readonly recipient: Hex }
  | {
      readonly kind: 'sealed';
      readonly epoch: bigint;
      /** The encapsulated key, 32 bytes: with the same binding it opens once. */
      readonly enc: Hex;
      readonly order: DepositOrder;
    }
  /** The owner's signature is verified. */
  | { readonly kind: 'post'; readonly epoch: bigint; readonly order: PostedOrder }
  | { readonly kind: 'unopened'; readonly reason: UnopenedReason };

/** An envelope that anyone can read. 21 bytes. @throws {HexError} the recipient is not 20 bytes */
export function transparentEnvelope(recipient: Hex): Uint8Array {
  return concatBytes(Uint8Array.of(TRANSPARENT), fromHex(recipient, 20));
}

/**
 * Seals a deposit's order to the key of an epoch. 640 bytes whatever the order says.
 *
 * @throws {OrderError} ORDER_UNENCODABLE
 * @throws {Error} the epoch key is no X25519 key
 */
export async function sealDeposit(
  order: DepositOrder,
  { epoch, epochKey }: EpochKey,
  deposit: DepositBinding,
  rng: Rng,
): Promise<Uint8Array> {
  const keys = { publicKey: epochKey, ephemeralIkm: rng.bytes(32) };
  const context = depositContext(epoch, deposit);
  const sealed = await sealHpke(keys, encodeDepositOrder(order), context);
  return concatBytes(Uint8Array.of(SEALED), toBigEndian(epoch, EPOCH_BYTES), sealed);
}

/**
 * Seals an order that is to be posted to the key of an epoch. 832 bytes whatever the order says.
 *
 * @param signed the order with its owner's signature over `orderDigest`
 * @throws {OrderError} ORDER_UNENCODABLE
 * @throws {Error} the epoch key is no X25519 key
 */
export async function sealPost(
  signed: SignedOrder,
  { epoch, epochKey }: EpochKey,
  ledger: SigningDomain,
  rng: Rng,
): Promise<Uint8Array> {
  const scheme = SIGNATURE_SCHEMES[signed.order.owner.scheme];
  const keys = { publicKey: epochKey, ephemeralIkm: rng.bytes(32) };
  const context = postContext(epoch, scheme, ledger);
  const sealed = await sealHpke(keys, encodePostedOrder(signed), context);
  return concatBytes(Uint8Array.of(POST, scheme), toBigEndian(epoch, EPOCH_BYTES), sealed);
}

/**
 * Opens an envelope. Bytes that are wrong in any way are an answer, never an error. Whether its epoch may still open is the
 * ledger's rule.
 *
 * SECURITY: the work follows from the envelope's kind, length and scheme alone. A sealed one costs one HPKE open and the reading of an
 * order, a posted one the verification of a signature besides, whatever is inside, and whether or not it opens: if not, a stand-in
 * is read and verified.
 *
 * @param envelope untrusted
 */
export async function openEnvelope(
  envelope: Uint8Array,
  place: EnvelopePlace,
  secretOf: SecretOf,
): Promise<OpenedEnvelope> {
  switch (envelope[0]) {
    case TRANSPARENT:
      return openTransparent(envelope);
    case SEALED:
      return openSealed(envelope, place.deposit, secretOf);
    case POST:
      return openPost(envelope, place.ledger, secretOf);
    default:
      return unopened('unknown-kind');
  }
}

function openTransparent(envelope: Uint8Array): OpenedEnvelope {
  if (envelope.length !== TRANSPARENT_ENVELOPE_BYTES) return unopened('wrong-length');
  return { kind: 'transparent', recipient: toHex(envelope.subarray(1)) };
}

async function openSealed(
  envelope: Uint8Array,
  deposit: DepositBinding,
  secretOf: SecretOf,
): Promise<OpenedEnvelope> {
  if (envelope.length !== SEALED_ENVELOPE_BYTES) return unopened('wrong-length');
  const epoch = fromBigEndian(envelope.subarray(1, SEALED_HEADER_BYTES));
  const sealed = envelope.subarray(SEALED_HEADER_BYTES);
  const enc = toHex(sealed.subarray(0, HPKE_KEY_BYTES));
  const secret = secretOf(epoch);
  const context = depositContext(epoch, deposit);
  const plaintext = await openHpke(secret ?? STAND_IN_SECRET, sealed, context);
  const order = readOrder(decodeDepositOrder, plaintext ?? STAND_IN_DEPOSIT);
  if (secret === undefined) return unopened('unknown-epoch');
  if (plaintext === undefined) return unopened('undecryptable');
  return order === undefined ? unopened('malformed-order') : { kind: 'sealed', epoch, enc, order };
}

async function openPost(
  envelope: Uint8Array,
  ledger: SigningDomain,
  secretOf: SecretOf,
): Promise<OpenedEnvelope> {
  if (envelope.length !== POST_ENVELOPE_BYTES) return unopened('wrong-length');
  const scheme = schemeOf(envelope[1]);
  if (scheme === undefined) return unopened('unknown-scheme');
  const epoch = fromBigEndian(envelope.subarray(2, POST_HEADER_BYTES));
  const sealed = envelope.subarray(POST_HEADER_BYTES);
  const secret = secretOf(epoch);
  const context = postContext(epoch, SIGNATURE_SCHEMES[scheme], ledger);
  const plaintext = await openHpke(secret ?? STAND_IN_SECRET, sealed, context);
  const decode = (bytes: Uint8Array) => decodePostedOrder(bytes, scheme);
  const signed = readOrder(decode, plaintext ?? STAND_IN_POSTS[scheme]);
  const { order, signature } = signed ?? decode(STAND_IN_POSTS[scheme]);
  const isSigned = verifyOwnerSignature(order.owner, orderDigest(ledger, order), signature);
  if (secret === undefined) return unopened('unknown-epoch');
  if (plaintext === undefined) return unopened('undecryptable');
  if (signed === undefined) return unopened('malformed-order');
  return isSigned ? { kind: 'post', epoch, order } : unopened('not-signed');
}

function readOrder<T>(decode: (bytes: Uint8Array) => T, plaintext: Uint8Array): T | undefined {
  try {
    return decode(plaintext);
  } catch (error) {
    if (error instanceof OrderError) return undefined;
    throw error;
  }
}

function unopened(reason: UnopenedReason): OpenedEnvelope {
  return { kind: 'unopened', reason };
}
