import { addressOf, recoverAddress } from '../crypto/secp256k1.ts';
import {
  computeReportData,
  EMULATION_KEY,
  type Evidence,
  type EvidenceSubject,
  evidenceDigest,
} from '../protocol/evidence.ts';
import { fromHex, type Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

/** What a verifier is ready to believe. */
export interface EvidencePolicy {
  /** Measurements of enclaves that it knows. */
  readonly measurements: readonly Hex[];
  /** Takes evidence that anybody can make. For devnets and tests only; false if left out. */
  readonly insecureEmulated?: boolean;
}

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
