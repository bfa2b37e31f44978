import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** SHA-256 in JavaScript, for browsers: their own answers asynchronously, which no pure verifier can wait for. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** The same as 64 lower-case digits. */
export function sha256Digits(bytes: Uint8Array): string {
  return nobleSha256(bytes).toHex();
}
