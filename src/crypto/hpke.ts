import type { webcrypto } from 'node:crypto';
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, DhkemX25519HkdfSha256, HpkeError } from '@hpke/core';
import { HkdfSha256 } from '@hpke/dhkem-x25519';
import { concatBytes } from '../shared/bytes.ts';

// HPKE base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. SPEC: RFC 9180.
//
// Measured on Node 26, opening 455 bytes: X25519 by WebCrypto with the key schedule in JavaScript 0.3 ms; all by
// WebCrypto 0.9 ms, for its many small asynchronous steps; all in JavaScript 1.1 ms.

/** Bytes of a public key, and of the encapsulated key in front of a ciphertext. */
export const HPKE_KEY_BYTES = 32;
/** Bytes that a ciphertext is longer than its plaintext. */
export const HPKE_TAG_BYTES = 16;

const SUITE = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

// @hpke's own declarations name the browser's types, which are not loaded here.
type KeyPair = webcrypto.CryptoKeyPair;

/** Key pairs by the very array that holds their secret: deriving one costs as much as an opening. */
const KEY_PAIRS = new WeakMap<Uint8Array, Promise<KeyPair>>();

/** What a ciphertext is bound to besides its key. */
export interface HpkeContext {
  /** Enters the key schedule. */
  readonly info: Uint8Array;
  /** Authenticated, not part of the ciphertext. */
  readonly aad: Uint8Array;
}

/** The public key of the pair that `DeriveKeyPair` makes of `secret` (at least 32 bytes). 32 bytes. */
export async function hpkePublicKey(secret: Uint8Array): Promise<Uint8Array> {
  const { publicKey } = await keyPairOf(secret);
  return new Uint8Array(await SUITE.kem.serializePublicKey(publicKey));
}

/**
 * Seals to a public key.
 *
 * @param publicKey    32 bytes
 * @param ephemeralIkm 32 unpredictable bytes, used once: the ephemeral pair is derived from them
 * @returns enc (32 bytes) ‖ ciphertext (plaintext and 16 bytes)
 * @throws {HpkeError} the public key is not one, or of small order
 */
export async function sealHpke(
  {
    publicKey,
    ephemeralIkm,
  }: { readonly publicKey: Uint8Array; readonly ephemeralIkm: Uint8Array },
  plaintext: Uint8Array,
  { info, aad }: HpkeContext,
): Promise<Uint8Array> {
  const recipientPublicKey = await SUITE.kem.deserializePublicKey(publicKey);
  const ekm = await SUITE.kem.deriveKeyPair(ephemeralIkm);
  const { enc, ct } = await SUITE.seal({ recipientPublicKey, info, ekm }, plaintext, aad);
  return concatBytes(new Uint8Array(enc), new Uint8Array(ct));
}

/**
 * Opens what {@link sealHpke} sealed, or answers undefined if the secret, the context or any byte differs.
 *
 * @param secret what the key pair is derived from; the caller keeps the array and does not change it
 * @param sealed enc ‖ ciphertext (untrusted)
 */
export async function openHpke(
  secret: Uint8Array,
  sealed: Uint8Array,
  { info, aad }: HpkeContext,
): Promise<Uint8Array | undefined> {
  const recipientKey = await keyPairOf(secret);
  const enc = sealed.slice(0, HPKE_KEY_BYTES);
  try {
    const ciphertext = sealed.slice(HPKE_KEY_BYTES);
    return new Uint8Array(await SUITE.open({ recipientKey, enc, info }, ciphertext, aad));
  } catch (error) {
    // One answer for every way in which bytes can be wrong. Any other failure is not about the bytes.
    if (error instanceof HpkeError) return undefined;
    throw error;
  }
}

function keyPairOf(secret: Uint8Array): Promise<KeyPair> {
  const known = KEY_PAIRS.get(secret);
  if (known !== undefined) return known;
  const derived = SUITE.kem.deriveKeyPair(secret);
  KEY_PAIRS.set(secret, derived);
  return derived;
}
