import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A public key inside OpenSSL. */
export type ImportedEd25519Key = KeyObject;

/** @param key 32 bytes, a point or not: nothing verifies under what is none */
export function importKey(key: Uint8Array): ImportedEd25519Key {
  return createPublicKey({ key, format: 'raw-public', asymmetricKeyType: 'ed25519' });
}

/** True if `signature` over `message` is the key's: the cofactorless equation, and neither A nor R of small order. */
export function verifySignature(
  key: ImportedEd25519Key,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify(null, message, key, signature);
}
