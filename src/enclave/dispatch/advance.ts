import { advanceClient, type StartedClient } from '../../light-client/client-state.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { EnclaveError } from '../enclave-error.ts';
import { lightClientOf } from '../measured-config.ts';
import {
  clientStateOf,
  type EnclaveContext,
  type EnclaveState,
  MAX_RECENT_HEADERS,
  withClient,
} from '../state.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Takes a light client through the updates, all of them or none.
 *
 * @throws {EnclaveError} ENCLAVE_CLIENT_UNKNOWN, ENCLAVE_NOT_BOOTSTRAPPED
 * @throws {BridgeError} as the light client's `parse` and `verify`, of the first update that does not hold
 */
export async function advance(
  state: EnclaveState,
  { client, updates }: CommandParams<'advance'>,
  context: EnclaveContext,
): Promise<Step<'advance'>> {
  const config = lightClientOf(context.config, client);
  const started = updates.reduce<StartedClient>(
    (before, update) => advanceClient(config, before, { update, maxRecent: MAX_RECENT_HEADERS }),
    startedOf(state, client),
  );
  const next = withClient(state, client, started);
  return { state: next, result: await describeState(next, context) };
}

function startedOf(state: EnclaveState, client: string): StartedClient {
  const { store, recent } = clientStateOf(state.durable, client);
  if (store !== null) return { store, recent };
  const message = `Expected the bootstrap of ${client} first, got updates; the status says of which checkpoint.`;
  throw new EnclaveError('ENCLAVE_NOT_BOOTSTRAPPED', message, { client });
}
