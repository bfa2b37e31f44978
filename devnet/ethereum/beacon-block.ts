import { ssz } from '@lodestar/types';
import type { ExecutionBlock } from './execution-client.ts';

export type BeaconBlockBody = ReturnType<typeof ssz.fulu.BeaconBlockBody.defaultValue>;
export type PayloadHeader = ReturnType<typeof ssz.fulu.ExecutionPayloadHeader.defaultValue>;
export type SyncAggregate = ReturnType<typeof ssz.fulu.SyncAggregate.defaultValue>;

export type ExecutionPayload = BeaconBlockBody['executionPayload'];

/** The payload's header: the lists give way to their roots, so its root is the payload's own. */
export function toPayloadHeader(payload: ExecutionPayload): PayloadHeader {
  const { fields } = ssz.fulu.ExecutionPayload;
  const { transactions, withdrawals, ...rest } = payload;
  return {
    ...rest,
    transactionsRoot: fields.transactions.hashTreeRoot(transactions),
    withdrawalsRoot: fields.withdrawals.hashTreeRoot(withdrawals),
  };
}

/** Anvil's blocks have no withdrawals. */
export function toPayload(block: ExecutionBlock): ExecutionPayload {
  return { ...block, transactions: [...block.transactions], withdrawals: [] };
}

/** What a proposer puts into a block of this devnet: no operations besides the payload and the sync aggregate. */
export function createBlockBody(
  executionPayload: ExecutionPayload,
  syncAggregate: SyncAggregate,
  randaoReveal: Uint8Array,
): BeaconBlockBody {
  return {
    ...ssz.fulu.BeaconBlockBody.defaultValue(),
    randaoReveal,
    syncAggregate,
    executionPayload,
  };
}
