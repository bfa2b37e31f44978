import { hkdfSha256 } from '../../crypto/hkdf.ts';
import { hpkePublicKey } from '../../crypto/hpke.ts';
import { addressOf } from '../../crypto/secp256k1.ts';
import { concatBytes, type Hex, toBigEndian, toHex, utf8 } from '../../shared/bytes.ts';

/** Bytes of each secret that an enclave draws at its first start. */
export const SECRET_BYTES = 32;

/** What is drawn once and sealed. */
export interface EnclaveSecrets {
  /** What all enclaves of a network share: every key that they must agree on is derived from it. */
  readonly masterSecret: Uint8Array;
  /** This enclave's own secp256k1 key; it never leaves. */
  readonly signingKey: Uint8Array;
}

/** The keys of one epoch. */
export interface EnclaveKeys {
  readonly signingKey: Uint8Array;
  /** Address of the signing key, 20 bytes. */
  readonly signer: Hex;
  readonly epoch: bigint;
  /** Opens what users sealed to the epoch's key. */
  readonly epochSecret: Uint8Array;
  /** X25519 public key of the epoch, 32 bytes. */
  readonly epochKey: Hex;
  /** Blinds state ids and orders releases; the same in every epoch. */
  readonly ledgerSecret: Uint8Array;
}

/** Labels of the derivation: published, so that any implementation derives the same keys. */
export const KEY_LABELS = {
  epoch: 'veilspan/epoch-key/v1',
  ledger: 'veilspan/ledger-secret/v1',
} as const;

/**
 * Derives what an enclave needs in `epoch`: HKDF-SHA256 of the master secret, info = label, for the epoch's key
 * followed by the epoch as u64.
 */
export async function deriveEnclaveKeys(
  { masterSecret, signingKey }: EnclaveSecrets,
  epoch: bigint,
): Promise<EnclaveKeys> {
  const epochInfo = concatBytes(utf8(KEY_LABELS.epoch), toBigEndian(epoch, 8));
  const epochSecret = hkdfSha256(masterSecret, epochInfo);
  return {
    signingKey,
    signer: addressOf(signingKey),
    epoch,
    epochSecret,
    epochKey: toHex(await hpkePublicKey(epochSecret)),
    ledgerSecret: hkdfSha256(masterSecret, utf8(KEY_LABELS.ledger)),
  };
}
