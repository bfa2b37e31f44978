import { genesisState } from '../ledger/genesis.ts';
import { initialClient } from '../light-client/client-state.ts';
import { emptyControlInbox } from './control-inbox.ts';
import { emptyInbox } from './inbox.ts';
import { ledgerAt } from './ledger-at.ts';
import { ledgerRules } from './measured-config.ts';
import type { DurableState, EnclaveContext, EnclaveState, LedgerAt } from './state.ts';

/**
 * The state an enclave starts with: from what it sealed, or at the genesis of its configuration. The inboxes begin
 * where the ledger has consumed them and nothing is proposed: the host proves and proposes again.
 *
 * @throws {AuthoritySetError | LedgerError} a configuration that no network can have
 */
export function initialState(
  context: EnclaveContext,
  {
    lightClients = initialClients(context),
    ledger = genesisOf(context),
  }: Partial<DurableState> = {},
): EnclaveState {
  const { chains, control } = ledger.state;
  return {
    durable: { lightClients, ledger },
    inboxes: new Map(chains.map(({ chainId, inbox }) => [chainId, emptyInbox(inbox)])),
    control: emptyControlInbox(control),
    paid: new Map(chains.map(({ chainId, paid }) => [chainId, paid])),
    proposals: new Map(),
    shown: null,
    taken: null,
  };
}

function initialClients({ config }: EnclaveContext): DurableState['lightClients'] {
  return new Map(config.lightClients.map((each) => [each.id, initialClient(each)]));
}

function genesisOf({ config, keys }: EnclaveContext): LedgerAt {
  return ledgerAt(genesisState(ledgerRules(config)), keys);
}
