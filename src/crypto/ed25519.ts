import { type ImportedEd25519Key, importKey, verifySignature } from '#ed25519';
import type { Brand } from '../shared/brand.ts';
import { toHex } from '../shared/bytes.ts';

// SPEC: RFC 8032 §5.1. Both implementations check the cofactorless equation, which accepts a subset of what Substrate's
// ZIP-215 rules accept: a difference can delay a proof, never forge one.

/** An ed25519 public key made ready for many verifications. */
export type Ed25519PublicKey = Brand<ImportedEd25519Key, 'Ed25519PublicKey'>;

// Every encoding of a point whose order divides 8, with the sign bit cleared; the non-canonical ones included.
const SMALL_ORDER = new Set<string>([
  '0x0000000000000000000000000000000000000000000000000000000000000000', // order 4
  '0x0100000000000000000000000000000000000000000000000000000000000000', // order 1
  '0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  '0xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', // order 8
  '0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // order 2
  '0xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p, that is 0
  '0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p + 1, that is 1
]);

/**
 * Makes a key ready for verification. Bytes that are not a point are taken too: nothing verifies under them.
 *
 * @param key 32 bytes
 */
export function importEd25519Key(key: Uint8Array): Ed25519PublicKey {
  // CAST: the brand of this module, given nowhere else.
  return importKey(key) as Ed25519PublicKey;
}

/** True if `signature` (64 bytes) over `message` is the key's. A malformed signature is false, not an error. */
export function verifyEd25519(
  key: Ed25519PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifySignature(key, message, signature);
}

/**
 * True if the 32 bytes encode a point whose order divides 8, canonically or not. Under such a key anybody can make a
 * signature that holds for many messages, all zeros being the best known.
 */
export function isSmallOrderEd25519(key: Uint8Array): boolean {
  const unsigned = Uint8Array.from(key);
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  return SMALL_ORDER.has(toHex(unsigned));
}
