import { applyFinality } from '../../light-client/polkadot/apply-finality.ts';
import { verifyFinality } from '../../light-client/polkadot/verify-finality.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { type EnclaveContext, type EnclaveState, MAX_RECENT_HEADERS } from '../state.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Follows GRANDPA finality through the fragments, all of them or none.
 *
 * @throws {BridgeError} as `verifyFinality` and `applyFinality`, of the first fragment that does not hold
 */
export function advancePolkadot(
  state: EnclaveState,
  { fragments }: CommandParams<'advancePolkadot'>,
  context: EnclaveContext,
): Step<'advancePolkadot'> {
  let { store, recent } = state.durable.polkadot;
  for (const fragment of fragments) {
    store = applyFinality(store, verifyFinality(store, fragment));
    recent = [...recent, store.finalized].slice(-MAX_RECENT_HEADERS);
  }
  const next = { ...state, durable: { ...state.durable, polkadot: { store, recent } } };
  return { state: next, result: describeState(next, context) };
}
