import {
  openHpke as platformOpen,
  hpkePublicKey as platformPublicKey,
  sealHpke as platformSeal,
} from '#hpke';
import type { HpkeContext, HpkeSealingKeys } from './hpke-context.ts';

// HPKE base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. SPEC: RFC 9180.

/** The public key of the pair that `DeriveKeyPair` makes of `secret` (at least 32 bytes). 32 bytes. */
export function hpkePublicKey(secret: Uint8Array): Promise<Uint8Array> {
  return platformPublicKey(secret);
}

/**
 * Seals to a public key.
 *
 * @returns enc (32 bytes) ‖ ciphertext (plaintext and 16 bytes)
 * @throws {Error} the public key is not one, or of small order
 */
export function sealHpke(
  keys: HpkeSealingKeys,
  plaintext: Uint8Array,
  context: HpkeContext,
): Promise<Uint8Array> {
  return platformSeal(keys, plaintext, context);
}

/**
 * Opens what {@link sealHpke} sealed, or answers undefined if the secret, the context or any byte differs.
 *
 * @param secret what the key pair is derived from; the caller keeps the array and does not change it
 * @param sealed enc ‖ ciphertext (untrusted)
 */
export function openHpke(
  secret: Uint8Array,
  sealed: Uint8Array,
  context: HpkeContext,
): Promise<Uint8Array | undefined> {
  return platformOpen(secret, sealed, context);
}
