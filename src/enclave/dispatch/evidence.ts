import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { emulateEvidence } from '../evidence/emulated.ts';
import { nextKeyEpoch } from '../key-epochs.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import type { Step } from './step.ts';

/** Evidence over signing key, epochs, epoch key and measurement, bound to the caller's challenge. */
export async function evidence(
  state: EnclaveState,
  { challenge }: CommandParams<'evidence'>,
  { keys, measurement }: EnclaveContext,
): Promise<Step<'evidence'>> {
  const { signer, epoch } = keys;
  const keyEpoch = nextKeyEpoch(state.durable.ledger.state);
  const epochKey = await keys.epochKeyOf(keyEpoch);
  const subject = { signer, epochKey, epoch, keyEpoch, measurement };
  return { state, result: emulateEvidence(subject, challenge) };
}
