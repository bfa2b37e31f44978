import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hmacSha256 as platformHmacSha256 } from '#hmac';

/**
 * HKDF with SHA-256. SPEC: RFC 5869.
 *
 * @param secret input keying material, at least 32 bytes of entropy
 * @param info   says what the output is for
 * @param salt   binds the output to a place; empty unless given
 * @returns 32 bytes
 */
export function hkdfSha256(
  secret: Uint8Array,
  info: Uint8Array,
  salt: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return hkdf(sha256, secret, salt, info, 32);
}

/**
 * HMAC with SHA-256, a pseudorandom function of `message` under `key`. SPEC: RFC 2104.
 *
 * @param key at least 32 bytes of entropy
 * @returns 32 bytes
 */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return platformHmacSha256(key, message);
}
