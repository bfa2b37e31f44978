import { bootstrapClient } from '../../light-client/client-state.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { EnclaveError } from '../enclave-error.ts';
import { lightClientOf } from '../measured-config.ts';
import { clientStateOf, type EnclaveContext, type EnclaveState, withClient } from '../state.ts';
import { describeState } from './status.ts';
import type { Step } from './step.ts';

/**
 * Starts a light client from its pinned checkpoint. Where it runs already nothing changes: the checkpoint is the same
 * and older, so asking twice is harmless.
 *
 * @throws {EnclaveError} ENCLAVE_CLIENT_UNKNOWN, ENCLAVE_BOOTSTRAP_NOT_NEEDED
 * @throws {BridgeError} as the light client's `bootstrap`
 */
export async function bootstrap(
  state: EnclaveState,
  { client, bootstrap: json }: CommandParams<'bootstrap'>,
  context: EnclaveContext,
): Promise<Step<'bootstrap'>> {
  const config = lightClientOf(context.config, client);
  const started = bootstrapClient(config, clientStateOf(state.durable, client), json);
  if (started === undefined) {
    const message = `Expected a light client that begins with a bootstrap, got ${client}, which has all in its configuration; send updates.`;
    throw new EnclaveError('ENCLAVE_BOOTSTRAP_NOT_NEEDED', message, { client });
  }
  const next = withClient(state, client, started);
  return { state: next, result: await describeState(next, context) };
}
