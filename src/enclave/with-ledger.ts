import { advanceControl } from './control-inbox.ts';
import { advanceInbox } from './inbox.ts';
import { type EnclaveState, inboxOf, type LedgerAt } from './state.ts';

/**
 * The state in which the ledger stands at `ledger`, which is anchored, final and further on. What it has consumed is
 * dropped, and so are proposals: they were for the state before.
 */
export function withLedger(state: EnclaveState, ledger: LedgerAt): EnclaveState {
  const { chains, control } = ledger.state;
  return {
    ...state,
    durable: { ...state.durable, ledger },
    inboxes: new Map(
      chains.map(({ chainId, inbox }) => [chainId, advanceInbox(inboxOf(state, chainId), inbox)]),
    ),
    control: advanceControl(state.control, control),
    proposals: new Map(),
    taken: null,
  };
}
