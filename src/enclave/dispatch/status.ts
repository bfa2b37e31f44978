import { computeSyncCommitteePeriodAtSlot } from '../../light-client/ethereum/preset.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import type { Step } from './step.ts';

/** Who the enclave is and how far it has come; public facts only. */
export function status(state: EnclaveState, context: EnclaveContext): Step<'status'> {
  return { state, result: describeState(state, context) };
}

/** The answer of every command that moves a light client. */
export function describeState(state: EnclaveState, context: EnclaveContext): EnclaveStatus {
  const { durable, inboxes } = state;
  const { keys, measurement } = context;
  const { finalized, authoritySet } = durable.polkadot.store;
  return {
    measurement,
    signer: keys.signer,
    epoch: keys.epoch,
    epochKey: keys.epochKey,
    ledger: describeLedger(state),
    ingested: [...inboxes].map(([chainId, { position }]) => ({ chainId, position })),
    ethereum: describeEthereum(state, context),
    polkadot: {
      finalizedNumber: BigInt(finalized.number),
      blockHash: finalized.hash,
      setId: authoritySet.setId,
    },
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

function describeEthereum(
  { durable }: EnclaveState,
  { config }: EnclaveContext,
): EnclaveStatus['ethereum'] {
  if (durable.ethereum === null) return null;
  const { finalizedHeader, nextSyncCommittee } = durable.ethereum.store;
  const { slot } = finalizedHeader.beacon;
  const { blockHash, blockNumber } = finalizedHeader.execution;
  return {
    finalizedSlot: BigInt(slot),
    blockHash,
    blockNumber,
    period: BigInt(computeSyncCommitteePeriodAtSlot(slot, config.ethereum.lightClient)),
    knowsNextSyncCommittee: nextSyncCommittee !== undefined,
  };
}
