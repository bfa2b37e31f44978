import {
  type BlsKeyPoint,
  type BlsSignaturePoint,
  decodeKeyPoint,
  decodeSignaturePoint,
  verifyAggregate,
} from '#bls';
import type { Brand } from '../shared/brand.ts';
import { BridgeError } from '../shared/errors.ts';

// BLS signatures with keys in G1 (48 bytes) and signatures in G2 (96 bytes), ciphersuite
// BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_. SPEC: draft-irtf-cfrg-bls-signature-05.

/** Bytes of a compressed public key. */
export const BLS_PUBLIC_KEY_BYTES = 48;
/** Bytes of a compressed signature. */
export const BLS_SIGNATURE_BYTES = 96;

/** A decompressed public key: a point on the curve, its subgroup not checked. */
export type BlsPublicKey = Brand<BlsKeyPoint, 'BlsPublicKey'>;

/**
 * Decompresses public keys, about 12 µs each on Node: decode a committee once and keep the result.
 *
 * SECURITY: no subgroup check and no proof of possession. Use it only for keys that the beacon chain
 * has admitted (it checks a proof of possession at the deposit), that is under a proven Merkle root.
 *
 * @param bytes compressed keys one after another, 48 bytes each
 * @throws {BlsError} length not a multiple of 48, a bad encoding, not on the curve, or infinity
 */
export function decodeBlsPublicKeys(bytes: Uint8Array): readonly BlsPublicKey[] {
  if (bytes.length % BLS_PUBLIC_KEY_BYTES !== 0) {
    throw new BlsError('BLS_PUBLIC_KEY_MALFORMED', 'a public key', { index: -1, cause: 'length' });
  }
  const keys: BlsPublicKey[] = [];
  for (let at = 0; at < bytes.length; at += BLS_PUBLIC_KEY_BYTES) {
    keys.push(decodeKey(bytes.subarray(at, at + BLS_PUBLIC_KEY_BYTES), keys.length));
  }
  return keys;
}

/**
 * True if `signature` is the aggregate of one signature by each key over `message`.
 *
 * SPEC: `FastAggregateVerify`. The signature's subgroup is checked and infinity is refused.
 *
 * @param keys      keys with proven possession; with none the answer is no
 * @param message   32 bytes, the signing root
 * @param signature 96 bytes, untrusted
 * @throws {BlsError} the signature is not the encoding of a point of the subgroup, or is infinity
 */
export function fastAggregateVerify(
  keys: readonly BlsPublicKey[],
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyAggregate(keys, message, decodeSignature(signature));
}

/** Bit 6 of the first byte marks the point at infinity. */
const INFINITY_FLAG = 0x40;

function decodeKey(bytes: Uint8Array, index: number): BlsPublicKey {
  try {
    if (((bytes[0] ?? 0) & INFINITY_FLAG) !== 0) throw new Error('the point at infinity');
    // CAST: the brand of this module, given nowhere else.
    return decodeKeyPoint(bytes) as BlsPublicKey;
  } catch (cause) {
    throw new BlsError('BLS_PUBLIC_KEY_MALFORMED', 'a public key', { index, cause: reason(cause) });
  }
}

function decodeSignature(bytes: Uint8Array): BlsSignaturePoint {
  try {
    if (bytes.length !== BLS_SIGNATURE_BYTES) throw new Error(`${bytes.length} bytes`);
    return decodeSignaturePoint(bytes);
  } catch (cause) {
    throw new BlsError('BLS_SIGNATURE_MALFORMED', 'a signature', {
      index: 0,
      cause: reason(cause),
    });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown';
}

/** Bytes that encode no usable curve point. */
export class BlsError extends BridgeError<{ index: number; cause: string }> {
  readonly code: 'BLS_PUBLIC_KEY_MALFORMED' | 'BLS_SIGNATURE_MALFORMED';
  readonly disposition = 'reject';
  constructor(code: BlsError['code'], what: string, meta: { index: number; cause: string }) {
    super(`Expected the canonical encoding of ${what} in the subgroup, got: ${meta.cause}.`, meta);
    this.code = code;
  }
}
