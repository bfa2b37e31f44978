import type { webcrypto } from 'node:crypto';
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, DhkemX25519HkdfSha256, HpkeError } from '@hpke/core';
import { HkdfSha256 } from '@hpke/dhkem-x25519';
import { concatBytes } from '../../shared/bytes.ts';
import { HPKE_KEY_BYTES, type HpkeContext, type HpkeSealingKeys } from '../hpke-context.ts';

// HPKE for browsers: X25519 by WebCrypto, the key schedule in JavaScript, for WebCrypto's many small asynchronous steps take longer.

const SUITE = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

// @hpke's own declarations name the browser's types, which are not loaded here.
type KeyPair = webcrypto.CryptoKeyPair;

/** Key pairs by the very array that holds their secret: deriving one costs as much as an opening. */
const KEY_PAIRS = new WeakMap<Uint8Array, Promise<KeyPair>>();

/** The public key of the pair that `DeriveKeyPair` makes of `secret`. */
export async function hpkePublicKey(secret: Uint8Array): Promise<Uint8Array> {
  const { publicKey } = await keyPairOf(secret);
  return new Uint8Array(await SUITE.kem.serializePublicKey(publicKey));
}

/** enc ‖ ciphertext. @throws {Error} the public key is not one, or of small order */
export async function sealHpke(
  { publicKey, ephemeralIkm }: HpkeSealingKeys,
  plaintext: Uint8Array,
  { info, aad }: HpkeContext,
): Promise<Uint8Array> {
  const recipientPublicKey = await SUITE.kem.deserializePublicKey(publicKey);
  const ekm = await SUITE.kem.deriveKeyPair(ephemeralIkm);
  const { enc, ct } = await SUITE.seal({ recipientPublicKey, info, ekm }, plaintext, aad);
  return concatBytes(new Uint8Array(enc), new Uint8Array(ct));
}

/** The plaintext, or undefined if the secret, the context or any byte differs. */
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
