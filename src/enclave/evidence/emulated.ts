import { addressOf, signDigest } from '../../crypto/secp256k1.ts';
import {
  computeReportData,
  EMULATION_KEY,
  type Evidence,
  type EvidenceSubject,
  evidenceDigest,
} from '../../protocol/evidence.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';

/** Evidence that says on its face that no hardware stands behind it. */
export function emulateEvidence(subject: EvidenceSubject, challenge: Hex): Evidence {
  const { measurement } = subject;
  const reportData = computeReportData(subject, challenge);
  const digest = evidenceDigest(measurement, reportData);
  return {
    kind: 'emulated',
    measurement,
    reportData,
    publicKey: addressOf(EMULATION_KEY),
    signature: toHex(signDigest(EMULATION_KEY, digest)),
  };
}
