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

/** What an enclave signs, opens and computes with. */
export interface EnclaveKeys {
  readonly signingKey: Uint8Array;
  /** Address of the signing key, 20 bytes. */
  readonly signer: Hex;
  /** The epoch of the signing key. */
  readonly epoch: bigint;
  /** Opens what users sealed to a key epoch's key; the same array each time. */
  readonly epochSecretOf: (epoch: bigint) => Uint8Array;
  /** X25519 public key of a key epoch, 32 bytes. */
  readonly epochKeyOf: (epoch: bigint) => Promise<Hex>;
  /** Keys the ledger's PRFs in the rounds of a key epoch; the same array each time. */
  readonly ledgerSecretOf: (epoch: bigint) => Uint8Array;
  /** Seals snapshots that any enclave of this signing epoch reads. */
  readonly snapshotKey: Uint8Array;
}

/** Labels of the derivation: published, so that any implementation derives the same keys. */
export const KEY_LABELS = {
  epoch: 'veilspan/epoch-key/v1',
  ledger: 'veilspan/ledger-secret/v1',
  snapshot: 'veilspan/snapshot/v1',
} as const;

/**
 * Derives what an enclave needs: HKDF-SHA256 of the master secret, info = label followed by the epoch as u64.
 *
 * @param epoch the signing epoch; those of the ledger come as they are asked for
 */
export function deriveEnclaveKeys(
  { masterSecret, signingKey }: EnclaveSecrets,
  epoch: bigint,
): EnclaveKeys {
  const derive = (label: string) => (of: bigint) =>
    hkdfSha256(masterSecret, concatBytes(utf8(label), toBigEndian(of, 8)));
  const epochSecretOf = remembering(derive(KEY_LABELS.epoch));
  return {
    signingKey,
    signer: addressOf(signingKey),
    epoch,
    epochSecretOf,
    epochKeyOf: async (of) => toHex(await hpkePublicKey(epochSecretOf(of))),
    ledgerSecretOf: remembering(derive(KEY_LABELS.ledger)),
    snapshotKey: derive(KEY_LABELS.snapshot)(epoch),
  };
}

/** SECURITY: asked for epochs of the ledger's own state only, so that nobody can fill its memory. */
function remembering(derive: (epoch: bigint) => Uint8Array): (epoch: bigint) => Uint8Array {
  const known = new Map<bigint, Uint8Array>();
  return (epoch) => {
    const secret = known.get(epoch) ?? derive(epoch);
    known.set(epoch, secret);
    return secret;
  };
}
