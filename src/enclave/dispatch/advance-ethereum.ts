import { applyLightClientUpdate } from '../../light-client/ethereum/apply-light-client-update.ts';
import { parseUpdate } from '../../light-client/ethereum/parse-update.ts';
import type { ExecutionBlock } from '../../light-client/ethereum/types.ts';
import { verifyLightClientUpdate } from '../../light-client/ethereum/verify-light-client-update.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { EnclaveError } from '../enclave-error.ts';
import { type EnclaveContext, type EnclaveState, MAX_RECENT_HEADERS } from '../state.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Follows the sync committees through the updates, all of them or none. An item may be an update or a finality
 * update: the second is the first without a committee.
 *
 * No clock is asked: the host's would be the only one, and it guards against nothing that the signatures do not.
 *
 * @throws {EnclaveError} ENCLAVE_NOT_BOOTSTRAPPED
 * @throws {BridgeError} as `parseUpdate` and `verifyLightClientUpdate`, of the first update that does not hold
 */
export function advanceEthereum(
  state: EnclaveState,
  { updates }: CommandParams<'advanceEthereum'>,
  context: EnclaveContext,
): Step<'advanceEthereum'> {
  const { ethereum } = state.durable;
  const { lightClient } = context.config.ethereum;
  if (ethereum === null) {
    const message = `Expected the bootstrap of checkpoint ${lightClient.checkpointRoot} first, got updates; send bootstrapEthereum.`;
    const meta = { checkpointRoot: lightClient.checkpointRoot };
    throw new EnclaveError('ENCLAVE_NOT_BOOTSTRAPPED', message, meta);
  }
  let { store, recent } = ethereum;
  for (const json of updates) {
    const update = parseUpdate(json, lightClient);
    store = applyLightClientUpdate(store, verifyLightClientUpdate(store, update, lightClient));
    recent = remember(recent, store.finalizedHeader.execution);
  }
  const next = { ...state, durable: { ...state.durable, ethereum: { store, recent } } };
  return { state: next, result: describeState(next, context) };
}

/** An update may bring a committee and no newer block. */
function remember(
  recent: readonly ExecutionBlock[],
  block: ExecutionBlock,
): readonly ExecutionBlock[] {
  if (recent.at(-1)?.blockHash === block.blockHash) return recent;
  return [...recent, block].slice(-MAX_RECENT_HEADERS);
}
