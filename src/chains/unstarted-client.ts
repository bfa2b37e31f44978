import type { ClientConfig } from '../light-client/kinds.ts';
import type { LightClientStatus } from '../protocol/enclave-commands.ts';

/**
 * What a light client that has not been started says of itself.
 *
 * @returns undefined for a kind whose clients start from their configuration alone
 */
export function unstartedStatus(client: ClientConfig): LightClientStatus | undefined {
  if (!('checkpointRoot' in client)) return undefined;
  return {
    client: client.id,
    kind: 'ethereum',
    held: null,
    committee: 0n,
    checkpointRoot: client.checkpointRoot,
    finalizedSlot: 0n,
    knowsNextSyncCommittee: false,
  };
}
