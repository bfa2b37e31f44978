import { genesisState } from '../ledger/state.ts';
import { blindingOf, stateId } from '../ledger/state-id.ts';
import { initialClient } from '../light-client/client-state.ts';
import { emptyInbox } from './inbox.ts';
import type { DurableState, EnclaveContext, EnclaveState } from './state.ts';

/**
 * The state an enclave starts with: from what it sealed, or at the genesis of its configuration. The inboxes begin
 * where the ledger has consumed them and nothing is proposed: the host proves and proposes again.
 *
 * @throws {AuthoritySetError | LedgerError} a configuration that no network can have
 */
export function initialState(
  context: EnclaveContext,
  durable: DurableState = genesisOf(context),
): EnclaveState {
  const { chains } = durable.ledger.state;
  const inboxes = new Map(chains.map(({ chainId, inbox }) => [chainId, emptyInbox(inbox)]));
  return { durable, inboxes, proposals: new Map() };
}

function genesisOf({ config, keys }: EnclaveContext): DurableState {
  const { lightClients, chains } = config;
  const state = genesisState(
    chains.map(({ chainId, gateway }) => ({ chainId, gateway: gateway.address })),
  );
  return {
    lightClients: new Map(lightClients.map((each) => [each.id, initialClient(each)])),
    ledger: { state, stateId: stateId(state, blindingOf(keys.ledgerSecret, state.number)) },
    revealable: [],
  };
}
