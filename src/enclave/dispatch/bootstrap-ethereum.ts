import { initializeLightClientStore } from '../../light-client/ethereum/initialize-light-client-store.ts';
import { parseBootstrap } from '../../light-client/ethereum/parse-bootstrap.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Starts the Ethereum light client from the pinned checkpoint. Where it runs already nothing changes: the checkpoint
 * is the same and older, so asking twice is harmless.
 *
 * @throws {BridgeError} as `parseBootstrap` and `initializeLightClientStore`
 */
export function bootstrapEthereum(
  state: EnclaveState,
  { bootstrap }: CommandParams<'bootstrapEthereum'>,
  context: EnclaveContext,
): Step<'bootstrapEthereum'> {
  if (state.durable.ethereum !== null) return { state, result: describeState(state, context) };
  const { lightClient } = context.config.ethereum;
  const store = initializeLightClientStore(lightClient, parseBootstrap(bootstrap, lightClient));
  const ethereum = { store, recent: [store.finalizedHeader.execution] };
  const next = { ...state, durable: { ...state.durable, ethereum } };
  return { state: next, result: describeState(next, context) };
}
