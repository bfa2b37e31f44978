import { describeClient } from '../../light-client/client-state.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { describeInbox } from '../inbox.ts';
import { clientStateOf, type EnclaveContext, type EnclaveState } from '../state.ts';
import type { Step } from './step.ts';

/** Who the enclave is and how far it has come; public facts only. */
export function status(state: EnclaveState, context: EnclaveContext): Step<'status'> {
  return { state, result: describeState(state, context) };
}

/** The answer of every command that moves a light client. */
export function describeState(state: EnclaveState, context: EnclaveContext): EnclaveStatus {
  const { keys, measurement, config } = context;
  return {
    measurement,
    signer: keys.signer,
    epoch: keys.epoch,
    epochKey: keys.epochKey,
    ledger: describeLedger(state),
    ingested: [...state.inboxes].map(([chainId, inbox]) => describeInbox(chainId, inbox)),
    lightClients: config.lightClients.map((each) =>
      describeClient(each, clientStateOf(state.durable, each.id)),
    ),
  };
}

function describeLedger({ durable }: EnclaveState): EnclaveStatus['ledger'] {
  const { state, stateId } = durable.ledger;
  return {
    number: state.number,
    stateId,
    inputs: state.chains.map(({ chainId, inbox }) => ({ chainId, count: inbox.count })),
    released: state.chains.map(({ chainId, released }) => ({ chainId, position: released })),
  };
}
