import { sha256 } from '../crypto/hashes.ts';
import { addressOf, recoverAddress } from '../crypto/secp256k1.ts';
import { concatBytes, fromHex, type Hex, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { CommandResult } from './enclave-commands.ts';

/** What an enclave shows for being one. */
export type Evidence = CommandResult<'evidence'>;

/** What evidence is about. */
export interface EvidenceSubject {
  /** Address of the enclave's signing key, 20 bytes. */
  readonly signer: Hex;
  /** X25519 public key of the epoch, 32 bytes. */
  readonly epochKey: Hex;
  readonly epoch: bigint;
  /** 32 bytes. */
  readonly measurement: Hex;
}

/** What a verifier is ready to believe. */
export interface EvidencePolicy {
  /** Measurements of enclaves that it knows. */
  readonly measurements: readonly Hex[];
  /** Takes evidence that anybody can make. For devnets and tests only; false if left out. */
  readonly insecureEmulated?: boolean;
}

/**
 * Report data, 64 bytes: `sha256(signer ‖ epochKey ‖ epoch u64 ‖ measurement) ‖ challenge`.
 *
 * @param challenge 32 bytes of the verifier's choice: evidence answers one question, once
 */
export function computeReportData(subject: EvidenceSubject, challenge: Hex): Hex {
  const { signer, epochKey, epoch, measurement } = subject;
  const bound = sha256(
    concatBytes(
      fromHex(signer, 20),
      fromHex(epochKey, 32),
      toBigEndian(epoch, 8),
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

/**
 * Checks that `evidence` is for `subject` and answers `challenge`. Fails closed: what the policy does not name is
 * refused.
 *
 * @throws {EvidenceError} EVIDENCE_EMULATED, EVIDENCE_MEASUREMENT_UNKNOWN, EVIDENCE_REPORT_DATA_MISMATCH,
 *   EVIDENCE_SIGNATURE_INVALID
 */
export function verifyEvidence(
  evidence: Evidence,
  { subject, challenge }: { readonly subject: EvidenceSubject; readonly challenge: Hex },
  policy: EvidencePolicy,
): void {
  if (policy.insecureEmulated !== true) {
    throw new EvidenceError('EVIDENCE_EMULATED', 'evidence of hardware', evidence.kind);
  }
  const { measurement, reportData, signature } = evidence;
  if (measurement !== subject.measurement || !policy.measurements.includes(measurement)) {
    const expected = policy.measurements.join(' or ') || 'a measurement that the policy names';
    throw new EvidenceError('EVIDENCE_MEASUREMENT_UNKNOWN', expected, measurement);
  }
  const bound = computeReportData(subject, challenge);
  if (reportData !== bound) {
    throw new EvidenceError('EVIDENCE_REPORT_DATA_MISMATCH', bound, reportData);
  }
  const signer = recover(evidenceDigest(measurement, reportData), signature);
  if (signer !== addressOf(EMULATION_KEY)) {
    throw new EvidenceError('EVIDENCE_SIGNATURE_INVALID', addressOf(EMULATION_KEY), `${signer}`);
  }
}

function recover(digest: Uint8Array, signature: string): Hex | undefined {
  try {
    return recoverAddress(digest, fromHex(signature, 65));
  } catch {
    return undefined;
  }
}

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

export type EvidenceErrorCode =
  | 'EVIDENCE_EMULATED'
  | 'EVIDENCE_MEASUREMENT_UNKNOWN'
  | 'EVIDENCE_REPORT_DATA_MISMATCH'
  | 'EVIDENCE_SIGNATURE_INVALID';

/** Evidence that must not be trusted; nothing may be sent to the enclave behind it. */
export class EvidenceError extends BridgeError<{ expected: string; got: string }> {
  readonly code: EvidenceErrorCode;
  readonly disposition = 'halt';
  constructor(code: EvidenceErrorCode, expected: string, got: string) {
    super(
      `Evidence refused: expected ${expected}, got ${got}; use another enclave or correct the policy.`,
      { expected, got },
    );
    this.code = code;
  }
}
