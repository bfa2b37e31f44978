import { blake2b } from '@noble/hashes/blake2.js';
import { keccak256 as platformKeccak256 } from '#keccak256';
import { sha256 as platformSha256, sha256Digits as platformSha256Digits } from '#sha256';

/** Keccak-256 as Ethereum uses it (the original padding, not SHA-3's). 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return platformKeccak256(bytes);
}

/** BLAKE2b with 32 bytes of output, Substrate's `blake2_256`. SPEC: RFC 7693. */
export function blake2b256(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 });
}

/** SHA-256, 32 bytes, of their own and not a view of anything. SPEC: FIPS 180-4. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return platformSha256(bytes);
}

/** SHA-256 as 64 lower-case digits: for what keeps hashes as text. */
export function sha256Digits(bytes: Uint8Array): string {
  return platformSha256Digits(bytes);
}
