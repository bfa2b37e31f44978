import { describeClient } from '../../light-client/client-state.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { describeInbox } from '../inbox.ts';
import { nextKeyEpoch } from '../key-epochs.ts';
import { clientStateOf, type EnclaveContext, type EnclaveState, paidOf } from '../state.ts';
import type { Step } from './step.ts';

/** Who the enclave is and how far it has come; public facts only. */
export async function status(
  state: EnclaveState,
  context: EnclaveContext,
): Promise<Step<'status'>> {
  return { state, result: await describeState(state, context) };
}

/** The answer of every command that changes what is known. */
export async function describeState(
  state: EnclaveState,
  { keys, measurement, config }: EnclaveContext,
): Promise<EnclaveStatus> {
  const { position, provenAtSec } = state.control;
  const keyEpoch = nextKeyEpoch(state.durable.ledger.state);
  return {
    measurement,
    signer: keys.signer,
    epoch: keys.epoch,
    keyEpoch,
    epochKey: await keys.epochKeyOf(keyEpoch),
    ledger: describeLedger(state),
    ingested: [...state.inboxes].map(([chainId, inbox]) =>
      describeInbox(chainId, inbox, paidOf(state, chainId)),
    ),
    control: { position, provenAtSec },
    lightClients: config.lightClients.map((each) =>
      describeClient(each, clientStateOf(state.durable, each.id)),
    ),
  };
}

function describeLedger({ durable }: EnclaveState): EnclaveStatus['ledger'] {
  const { state, stateId } = durable.ledger;
  const { number, round, asOf, control, chains } = state;
  const suspended = chains.filter(({ isSuspended }) => isSuspended);
  return {
    number,
    stateId,
    round,
    asOf,
    control: control.count,
    suspended: suspended.map(({ chainId }) => chainId),
    paid: chains.map(({ chainId, paid }) => ({ chainId, count: paid })),
    inputs: chains.map(({ chainId, inbox }) => ({ chainId, count: inbox.count })),
    released: chains.map(({ chainId, released }) => ({ chainId, position: released })),
  };
}
