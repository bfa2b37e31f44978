import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concatBytes } from '../shared/bytes.ts';

// Authenticated encryption with random nonces. SPEC: RFC 8439 with the 24-byte nonce of
// draft-irtf-cfrg-xchacha-03, long enough to be drawn at random for any number of messages.

/** Bytes of a nonce, which stands in front of what it sealed. */
export const AEAD_NONCE_BYTES = 24;

/**
 * Seals `plaintext`: nonce ‖ ciphertext ‖ 16-byte tag.
 *
 * @param key   32 bytes
 * @param nonce 24 bytes, never used before with this key
 * @param context bound to the result, not part of it
 */
export function sealAead(
  key: Uint8Array,
  plaintext: Uint8Array,
  { nonce, context }: { readonly nonce: Uint8Array; readonly context: Uint8Array },
): Uint8Array {
  return concatBytes(nonce, xchacha20poly1305(key, nonce, context).encrypt(plaintext));
}

/** What {@link sealAead} sealed, or undefined if key, context or any byte differs. */
export function openAead(
  key: Uint8Array,
  sealed: Uint8Array,
  context: Uint8Array,
): Uint8Array | undefined {
  const nonce = sealed.subarray(0, AEAD_NONCE_BYTES);
  try {
    return xchacha20poly1305(key, nonce, context).decrypt(sealed.subarray(AEAD_NONCE_BYTES));
  } catch {
    // One answer for every failure: why it does not open is nobody's business.
    return undefined;
  }
}
