import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { laterOf } from '../inbox.ts';
import { proveReleasedCount } from '../prove-word.ts';
import { type EnclaveContext, type EnclaveState, paidOf } from '../state.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Learns how many releases a chain's gateway has paid: what a commit may say of it at most. One that is older than what
 * is known changes nothing.
 *
 * @throws as `proveReleasedCount`
 */
export async function proveReleased(
  state: EnclaveState,
  params: CommandParams<'proveReleased'>,
  context: EnclaveContext,
): Promise<Step<'proveReleased'>> {
  const { chainId } = params;
  const count = laterOf(proveReleasedCount(state, context, params), paidOf(state, chainId));
  const next = { ...state, paid: new Map(state.paid).set(chainId, count) };
  return { state: next, result: await describeState(next, context) };
}
