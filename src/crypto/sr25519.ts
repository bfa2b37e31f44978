import { verify } from '@scure/sr25519';

// Schnorr signatures over ristretto255 as Polkadot's wallets make them. SPEC: schnorrkel 0.11, signing context "substrate".

/**
 * True if `signature` over `message` is the key's. A malformed key or signature is false, not an error.
 *
 * @param key       32 bytes
 * @param signature 64 bytes: R ‖ s, the top bit of the last byte set (untrusted)
 */
export function verifySr25519(
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return verify(message, signature, key);
  } catch {
    // Bytes that encode no point or scalar are no signature, which is the answer.
    return false;
  }
}
