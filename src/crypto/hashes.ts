import { hash } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** Keccak-256 as Ethereum uses it (the original padding, not SHA-3's). 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}

/** BLAKE2b with 32 bytes of output, Substrate's `blake2_256`. SPEC: RFC 7693. */
export function blake2b256(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 });
}

/**
 * SHA-256, 32 bytes. SPEC: FIPS 180-4.
 *
 * By node:crypto: measured 1.3 µs for two Merkle nodes and 3 µs for 4 KiB, against 1.9 and 21 µs of
 * @noble/hashes.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'buffer');
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
}
