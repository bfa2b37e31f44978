import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { emulateEvidence } from '../evidence/emulated.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import type { Step } from './step.ts';

/** Evidence over signing key, epoch key, epoch and measurement, bound to the caller's challenge. */
export function evidence(
  state: EnclaveState,
  { challenge }: CommandParams<'evidence'>,
  { keys, measurement }: EnclaveContext,
): Step<'evidence'> {
  const { signer, epochKey, epoch } = keys;
  const subject = { signer, epochKey, epoch, measurement };
  return { state, result: emulateEvidence(subject, challenge) };
}
