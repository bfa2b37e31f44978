import { sha256 } from '../crypto/hashes.ts';
import { concatBytes, fromHex, type Hex, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';
import type { CommandResult } from './enclave-commands.ts';

/** What an enclave shows for being one. */
export type Evidence = CommandResult<'evidence'>;

/** What evidence is about. */
export interface EvidenceSubject {
  /** Address of the enclave's signing key, 20 bytes. */
  readonly signer: Hex;
  /** The epoch that it signs in. */
  readonly epoch: bigint;
  /** The key epoch that users should seal to. */
  readonly keyEpoch: bigint;
  /** X25519 public key of that key epoch, 32 bytes. */
  readonly epochKey: Hex;
  /** 32 bytes. */
  readonly measurement: Hex;
}

/**
 * Report data, 64 bytes: `sha256(signer ‖ epochKey ‖ epoch u64 ‖ keyEpoch u64 ‖ measurement) ‖ challenge`.
 *
 * @param challenge 32 bytes of the verifier's choice: evidence answers one question, once
 */
export function computeReportData(subject: EvidenceSubject, challenge: Hex): Hex {
  const { signer, epochKey, epoch, keyEpoch, measurement } = subject;
  const bound = sha256(
    concatBytes(
      fromHex(signer, 20),
      fromHex(epochKey, 32),
      toBigEndian(epoch, 8),
      toBigEndian(keyEpoch, 8),
      fromHex(measurement, 32),
    ),
  );
  return toHex(concatBytes(bound, fromHex(challenge, 32)));
}

/**
 * The seed of the key that signs emulated evidence. SECURITY: published on purpose. Whoever reads this can sign such
 * evidence: it shows how evidence is used and that nothing was mixed up, not that any hardware stands behind it.
 */
export const EMULATION_KEY = sha256(utf8('veilspan/emulated-evidence/v1: this key is public'));

/** What the emulation key signs, 32 bytes. */
export function evidenceDigest(measurement: Hex, reportData: Hex): Uint8Array {
  return sha256(
    concatBytes(
      utf8('veilspan/emulated-evidence/v1'),
      fromHex(measurement, 32),
      fromHex(reportData, 64),
    ),
  );
}
