import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  decapsulate,
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
import { hmacOfParts, hmacSha256 } from './hmac.ts';

// HPKE over OpenSSL's primitives. SPEC: RFC 9180, base mode, one message per encapsulation, sequence number 0; the words are its own.
// `LabeledExtract` is one HMAC, and so is `LabeledExpand`, since nothing that is derived here is longer than 32 bytes.

const NOTHING = new Uint8Array(0);
const AEAD = 'chacha20-poly1305';
const TAG_LENGTH = { authTagLength: HPKE_TAG_BYTES };
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** suite_id of the KEM, DHKEM(X25519, HKDF-SHA256), and of the whole with HKDF-SHA256 and ChaCha20-Poly1305. */
const KEM_SUITE = concatBytes(utf8('KEM'), Uint8Array.of(0x00, 0x20));
const HPKE_SUITE = concatBytes(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03));

/** What stands in front of the input of `LabeledExtract`. */
function labelOf(suite: Uint8Array, label: string): Uint8Array {
  return concatBytes(utf8('HPKE-v1'), suite, utf8(label));
}

/** What stands in front of the info of `LabeledExpand` to `length` bytes. */
function expandLabelOf(suite: Uint8Array, label: string, length = KEY_BYTES): Uint8Array {
  return concatBytes(Uint8Array.of(0, length), labelOf(suite, label));
}

const EXTRACT = {
  dkpPrk: labelOf(KEM_SUITE, 'dkp_prk'),
  eaePrk: labelOf(KEM_SUITE, 'eae_prk'),
  pskIdHash: labelOf(HPKE_SUITE, 'psk_id_hash'),
  infoHash: labelOf(HPKE_SUITE, 'info_hash'),
  secret: labelOf(HPKE_SUITE, 'secret'),
} as const;
const EXPAND = {
  sk: expandLabelOf(KEM_SUITE, 'sk'),
  sharedSecret: expandLabelOf(KEM_SUITE, 'shared_secret'),
  key: expandLabelOf(HPKE_SUITE, 'key'),
  baseNonce: expandLabelOf(HPKE_SUITE, 'base_nonce', NONCE_BYTES),
} as const;
/** mode_base. */
const BASE_MODE = Uint8Array.of(0);
/** The number of the only block of an HKDF-Expand. */
const FIRST = Uint8Array.of(1);

/** Of the psk id that base mode does not have. */
const PSK_ID_HASH = hmacSha256(NOTHING, EXTRACT.pskIdHash);

/** A key pair inside OpenSSL, and its public key. */
interface KeyPair {
  readonly privateKey: KeyObject;
  readonly encoded: Uint8Array;
}

/** Key pairs by the very array that holds their secret: deriving one costs as much as an opening. */
const KEY_PAIRS = new WeakMap<Uint8Array, KeyPair>();

/** The key schedule's context by the very array that holds its info: the same for all envelopes of an epoch. */
const SCHEDULE_CONTEXTS = new WeakMap<Uint8Array, Uint8Array>();

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
  const cipher = createCipheriv(AEAD, key, nonce, TAG_LENGTH);
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
  const shared = decap(keyPairOf(secret).privateKey, sealed.subarray(0, HPKE_KEY_BYTES));
  if (shared === undefined) return undefined;
  const { key, nonce } = keySchedule(shared, context.info);
  return decrypt({ key, nonce, aad: context.aad }, sealed.subarray(HPKE_KEY_BYTES));
}

interface AeadInput {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

function decrypt({ key, nonce, aad }: AeadInput, ciphertext: Uint8Array): Uint8Array | undefined {
  const end = ciphertext.length - HPKE_TAG_BYTES;
  const decipher = createDecipheriv(AEAD, key, nonce, TAG_LENGTH);
  decipher.setAAD(aad, { plaintextLength: end });
  decipher.setAuthTag(ciphertext.subarray(end));
  const { buffer, byteOffset } = decipher.update(ciphertext.subarray(0, end));
  try {
    decipher.final();
    return new Uint8Array(buffer, byteOffset, end);
  } catch {
    // The tag is another's; nothing else can fail here.
    return undefined;
  }
}

/**
 * The shared secret, undefined if the X25519 secret is all zeros. SPEC: RFC 9180 §4.1, `Decap`, §7.1.4. By OpenSSL's own DHKEM, which
 * costs what the key agreement alone does.
 */
function decap(privateKey: KeyObject, enc: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(decapsulate(privateKey, enc));
  } catch {
    // 32 bytes are always a key; what fails is a point of small order.
    return undefined;
  }
}

/** SPEC: RFC 9180 §4.1, `ExtractAndExpand`, as `Encap` does it: OpenSSL's takes no ephemeral key. */
function sharedSecret(dh: Uint8Array, enc: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const eaePrk = hmacOfParts(NOTHING, [EXTRACT.eaePrk, dh]);
  return hmacOfParts(eaePrk, [EXPAND.sharedSecret, enc, publicKey, FIRST]);
}

/** SPEC: RFC 9180 §5.1, `KeySchedule` in mode_base: no psk, no exporter. */
function keySchedule(secret: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const context = scheduleContext(info);
  const prk = hmacSha256(secret, EXTRACT.secret);
  const nonce = hmacOfParts(prk, [EXPAND.baseNonce, context, FIRST]).subarray(0, NONCE_BYTES);
  return { key: hmacOfParts(prk, [EXPAND.key, context, FIRST]), nonce };
}

/** `key_schedule_context` of base mode. */
function scheduleContext(info: Uint8Array): Uint8Array {
  const known = SCHEDULE_CONTEXTS.get(info);
  if (known !== undefined) return known;
  const infoHash = hmacOfParts(NOTHING, [EXTRACT.infoHash, info]);
  const context = concatBytes(BASE_MODE, PSK_ID_HASH, infoHash);
  SCHEDULE_CONTEXTS.set(info, context);
  return context;
}

/** SPEC: RFC 9180 §7.1.3, `DeriveKeyPair` for X25519. */
function deriveKeyPair(secret: Uint8Array): KeyPair {
  const prk = hmacOfParts(NOTHING, [EXTRACT.dkpPrk, secret]);
  const key = hmacOfParts(prk, [EXPAND.sk, FIRST]);
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
