import { describe, expect, it } from 'vitest';
import { emulateEvidence } from '../../../src/enclave/evidence/emulated.ts';
import type { EvidenceSubject } from '../../../src/protocol/evidence.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { verifyEvidence } from '../../../src/verify/verify-evidence.ts';
import { refusal } from '../../support/refusal.ts';

const subject: EvidenceSubject = {
  signer: `0x${'11'.repeat(20)}`,
  epochKey: `0x${'22'.repeat(32)}`,
  epoch: 3n,
  keyEpoch: 5n,
  measurement: `0x${'33'.repeat(32)}`,
};
const challenge: Hex = `0x${'44'.repeat(32)}`;
const policy = { measurements: [subject.measurement], insecureEmulated: true };
const evidence = emulateEvidence(subject, challenge);

describe('emulated evidence', () => {
  it('is accepted by a policy that says it is insecure and names the measurement', () => {
    expect(() => verifyEvidence(evidence, { subject, challenge }, policy)).not.toThrow();
    expect(evidence.kind).toBe('emulated');
  });

  it('is refused by every policy that does not say so', () => {
    const { measurements } = policy;
    for (const strict of [{ measurements }, { measurements, insecureEmulated: false }]) {
      const error = refusal(() => verifyEvidence(evidence, { subject, challenge }, strict));
      expect(error).toMatchObject({ code: 'EVIDENCE_EMULATED', disposition: 'halt' });
    }
  });

  it('is refused for a measurement that the policy does not name', () => {
    const other = { ...policy, measurements: [] };
    const error = refusal(() => verifyEvidence(evidence, { subject, challenge }, other));
    expect(error.code).toBe('EVIDENCE_MEASUREMENT_UNKNOWN');
  });

  it.each([
    ['signer', { signer: `0x${'12'.repeat(20)}` as Hex }],
    ['epoch key', { epochKey: `0x${'23'.repeat(32)}` as Hex }],
    ['epoch', { epoch: 4n }],
    ['key epoch', { keyEpoch: 4n }],
  ])('is refused for another %s', (_, change) => {
    const other = { ...subject, ...change };
    const error = refusal(() => verifyEvidence(evidence, { subject: other, challenge }, policy));
    expect(error.code).toBe('EVIDENCE_REPORT_DATA_MISMATCH');
  });

  it('is refused as the answer to another challenge', () => {
    const other: Hex = `0x${'45'.repeat(32)}`;
    const error = refusal(() => verifyEvidence(evidence, { subject, challenge: other }, policy));
    expect(error.code).toBe('EVIDENCE_REPORT_DATA_MISMATCH');
  });

  it('is refused when its signature is another, or none at all', () => {
    const other = emulateEvidence(subject, `0x${'46'.repeat(32)}`).signature;
    for (const signature of [other, '0x', `0x${'00'.repeat(65)}`] as const) {
      const forged = { ...evidence, signature };
      const error = refusal(() => verifyEvidence(forged, { subject, challenge }, policy));
      expect(error.code).toBe('EVIDENCE_SIGNATURE_INVALID');
    }
  });
});
