import { concatBytes, fromHex } from '../shared/bytes.ts';
import type { SignatureScheme } from './account.ts';
import { type FieldReader, isZero, readFields } from './field-reader.ts';
import type { PostedOrder } from './order.ts';
import { decodeTerms, encodeTerms, encodeUint, malformed, ORDER_VERSION } from './order-terms.ts';

// SPEC: docs/wire-formats.md, "Orders". version u8 ‖ publicKey 32 ‖ index u32 ‖ nonce u64 ‖ asset 32 ‖ expiry u64 ‖ maxFee u128 ‖
// posterAccount 32 ‖ terms 527 ‖ signature 65 ‖ zeros. The scheme is the clear byte of the envelope.

/** Length of every encoded order that is posted. */
export const POSTED_ORDER_BYTES = 774;
/** Length of the field of the signature; one of 64 bytes has a zero behind it. */
export const ORDER_SIGNATURE_BYTES = 65;

/** An order with what its owner made of its digest: see order-signature.ts. */
export interface SignedOrder {
  readonly order: PostedOrder;
  /** 65 bytes for secp256k1, else 64. */
  readonly signature: Uint8Array;
}

/** Bytes of a signature by a scheme. */
export function signatureBytes(scheme: SignatureScheme): number {
  return scheme === 'secp256k1' ? ORDER_SIGNATURE_BYTES : ORDER_SIGNATURE_BYTES - 1;
}

/**
 * The order's one encoding, 774 bytes. The scheme is not in it.
 *
 * @throws {OrderError} ORDER_UNENCODABLE
 * @throws {HexError} a key, asset or account is not 32 bytes
 */
export function encodePostedOrder({ order, signature }: SignedOrder): Uint8Array {
  const encoded = new Uint8Array(POSTED_ORDER_BYTES);
  const content = concatBytes(
    Uint8Array.of(ORDER_VERSION),
    fromHex(order.owner.publicKey, 32),
    encodeUint('account index', BigInt(order.owner.index), 4),
    encodeUint('nonce', order.nonce, 8),
    fromHex(order.asset, 32),
    encodeUint('expiry', order.expiry, 8),
    encodeUint('maxFee', order.maxFee, 16),
    fromHex(order.posterAccount, 32),
    encodeTerms(order),
  );
  encoded.set(content);
  encoded.set(signature, content.length);
  return encoded;
}

/**
 * The inverse of {@link encodePostedOrder}. The signature is not verified.
 *
 * @param bytes untrusted
 * @throws {OrderError} ORDER_MALFORMED: not the one encoding of any order
 */
export function decodePostedOrder(bytes: Uint8Array, scheme: SignatureScheme): SignedOrder {
  if (bytes.length !== POSTED_ORDER_BYTES) {
    throw malformed(`${POSTED_ORDER_BYTES} bytes, got ${bytes.length}`);
  }
  const fields = readFields(bytes);
  const version = fields.number(1);
  if (version !== ORDER_VERSION) throw malformed(`version ${ORDER_VERSION}, got ${version}`);
  const order = readOrder(fields, scheme);
  const field = fields.bytes(ORDER_SIGNATURE_BYTES);
  const length = signatureBytes(scheme);
  if (!isZero(field.subarray(length))) throw malformed('a zero behind a signature of 64 bytes');
  if (!fields.isRestZero()) throw malformed('zeros behind the signature');
  return { order, signature: field.subarray(0, length) };
}

function readOrder(fields: FieldReader, scheme: SignatureScheme): PostedOrder {
  return {
    owner: { scheme, publicKey: fields.hex(32), index: fields.number(4) },
    nonce: fields.uint64(),
    asset: fields.hex(32),
    expiry: fields.uint64(),
    maxFee: fields.uint128(),
    posterAccount: fields.hex(32),
    ...decodeTerms(fields),
  };
}
