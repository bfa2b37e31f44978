import { keccak_256 } from '@noble/hashes/sha3.js';

/** Keccak-256 in JavaScript, for browsers, which have none. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}
