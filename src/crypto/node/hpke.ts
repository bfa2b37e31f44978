import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import { concatBytes, utf8 } from '../../shared/bytes.ts';
import {
  HPKE_KEY_BYTES,
  HPKE_TAG_BYTES,
  type HpkeContext,
  type HpkeSealingKeys,
} from '../hpke-context.ts';
import { hmacSha256 } from './hmac.ts';

// HPKE over OpenSSL's primitives. SPEC: RFC 9180, base mode, one message per encapsulation, sequence number 0; the words are its own.

const NOTHING = new Uint8Array(0);
const AEAD = 'chacha20-poly1305';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** "HPKE-v1" ‖ suite_id of the KEM (0x0020), and of the whole: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. */
const VERSION = utf8('HPKE-v1');
const KEM_SUITE = concatBytes(utf8('KEM'), Uint8Array.of(0x00, 0x20));
const HPKE_SUITE = concatBytes(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03));

/** Of the psk id that base mode does not have. */
const PSK_ID_HASH = labeledExtract(HPKE_SUITE, NOTHING, 'psk_id_hash', NOTHING);

/** A key pair inside OpenSSL, and its public key. */
interface KeyPair {
  readonly privateKey: KeyObject;
  readonly encoded: Uint8Array;
}

/** Key pairs by the very array that holds their secret: deriving one costs as much as an opening. */
const KEY_PAIRS = new WeakMap<Uint8Array, KeyPair>();

/** The public key of the pair that `DeriveKeyPair` makes of `secret`. */
export async function hpkePublicKey(secret: Uint8Array): Promise<Uint8Array> {
  return Uint8Array.from(keyPairOf(secret).encoded);
}

/** enc ‖ ciphertext. @throws {Error} the public key is not one, or of small order */
export async function sealHpke(
  { publicKey, ephemeralIkm }: HpkeSealingKeys,
  plaintext: Uint8Array,
  context: HpkeContext,
): Promise<Uint8Array> {
  const { privateKey, encoded: enc } = deriveKeyPair(ephemeralIkm);
  const dh = diffieHellman({ privateKey, publicKey: importPublicKey(publicKey) });
  const { key, nonce } = keySchedule(sharedSecret(dh, enc, publicKey), context.info);
  const cipher = createCipheriv(AEAD, key, nonce, { authTagLength: HPKE_TAG_BYTES });
  cipher.setAAD(context.aad, { plaintextLength: plaintext.length });
  return concatBytes(enc, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** The plaintext, or undefined if the secret, the context or any byte differs. */
export async function openHpke(
  secret: Uint8Array,
  sealed: Uint8Array,
  context: HpkeContext,
): Promise<Uint8Array | undefined> {
  if (sealed.length < HPKE_KEY_BYTES + HPKE_TAG_BYTES) return undefined;
  const { privateKey, encoded } = keyPairOf(secret);
  const enc = sealed.subarray(0, HPKE_KEY_BYTES);
  const dh = agree(privateKey, enc);
  if (dh === undefined) return undefined;
  const { key, nonce } = keySchedule(sharedSecret(dh, enc, encoded), context.info);
  return decrypt({ key, nonce, aad: context.aad }, sealed.subarray(HPKE_KEY_BYTES));
}

interface AeadInput {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

function decrypt({ key, nonce, aad }: AeadInput, ciphertext: Uint8Array): Uint8Array | undefined {
  const end = ciphertext.length - HPKE_TAG_BYTES;
  const decipher = createDecipheriv(AEAD, key, nonce, { authTagLength: HPKE_TAG_BYTES });
  decipher.setAAD(aad, { plaintextLength: end });
  decipher.setAuthTag(ciphertext.subarray(end));
  const plaintext = Uint8Array.from(decipher.update(ciphertext.subarray(0, end)));
  try {
    decipher.final();
    return plaintext;
  } catch {
    // The tag is another's; nothing else can fail here.
    return undefined;
  }
}

/** The X25519 secret, undefined if it is all zeros. SPEC: RFC 9180 §7.1.4, RFC 7748 §6.1. */
function agree(privateKey: KeyObject, enc: Uint8Array): Uint8Array | undefined {
  try {
    return diffieHellman({ privateKey, publicKey: importPublicKey(enc) });
  } catch {
    // 32 bytes are always a key; what fails is a point of small order.
    return undefined;
  }
}

/** SPEC: RFC 9180 §4.1, `ExtractAndExpand`. */
function sharedSecret(dh: Uint8Array, enc: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const eaePrk = labeledExtract(KEM_SUITE, NOTHING, 'eae_prk', dh);
  return labeledExpand(KEM_SUITE, eaePrk, 'shared_secret', concatBytes(enc, publicKey));
}

/** SPEC: RFC 9180 §5.1, `KeySchedule` in mode_base: no psk, no exporter. */
function keySchedule(secret: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const infoHash = labeledExtract(HPKE_SUITE, NOTHING, 'info_hash', info);
  const context = concatBytes(Uint8Array.of(0), PSK_ID_HASH, infoHash);
  const prk = labeledExtract(HPKE_SUITE, secret, 'secret', NOTHING);
  const key = labeledExpand(HPKE_SUITE, prk, 'key', context);
  return {
    key,
    nonce: labeledExpand(HPKE_SUITE, prk, 'base_nonce', context, NONCE_BYTES),
  };
}

/** SPEC: RFC 9180 §4, `LabeledExtract`: HKDF-Extract of a labelled input. */
function labeledExtract(
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  ikm: Uint8Array,
): Uint8Array {
  return hmacSha256(salt, concatBytes(VERSION, suite, utf8(label), ikm));
}

/** SPEC: RFC 9180 §4, `LabeledExpand`: HKDF-Expand of a labelled info. At most 32 bytes, which is one block. */
function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length = KEY_BYTES,
): Uint8Array {
  const labeled = concatBytes(Uint8Array.of(0, length), VERSION, suite, utf8(label), info);
  return hmacSha256(prk, concatBytes(labeled, Uint8Array.of(1))).subarray(0, length);
}

/** SPEC: RFC 9180 §7.1.3, `DeriveKeyPair` for X25519. */
function deriveKeyPair(secret: Uint8Array): KeyPair {
  const prk = labeledExtract(KEM_SUITE, NOTHING, 'dkp_prk', secret);
  const key = labeledExpand(KEM_SUITE, prk, 'sk', NOTHING);
  const privateKey = createPrivateKey({ key, format: 'raw-private', asymmetricKeyType: 'x25519' });
  const encoded = createPublicKey(privateKey).export({ format: 'raw-public' });
  return { privateKey, encoded: Uint8Array.from(encoded) };
}

function keyPairOf(secret: Uint8Array): KeyPair {
  const known = KEY_PAIRS.get(secret);
  if (known !== undefined) return known;
  const derived = deriveKeyPair(secret);
  KEY_PAIRS.set(secret, derived);
  return derived;
}

function importPublicKey(key: Uint8Array): KeyObject {
  return createPublicKey({ key, format: 'raw-public', asymmetricKeyType: 'x25519' });
}
