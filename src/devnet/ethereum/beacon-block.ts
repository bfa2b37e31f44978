import { ssz } from '@lodestar/types';
import type { ExecutionBlock } from './execution-client.ts';

export type BeaconBlockBody = ReturnType<typeof ssz.fulu.BeaconBlockBody.defaultValue>;
export type PayloadHeader = ReturnType<typeof ssz.fulu.ExecutionPayloadHeader.defaultValue>;
export type SyncAggregate = ReturnType<typeof ssz.fulu.SyncAggregate.defaultValue>;

/** The payload's header: the lists give way to their roots, so its root is the payload's own. */
export function toPayloadHeader(block: ExecutionBlock): PayloadHeader {
  const { transactions, withdrawals } = ssz.fulu.ExecutionPayload.fields;
  return {
    ...block,
    transactionsRoot: transactions.hashTreeRoot([...block.transactions]),
    withdrawalsRoot: withdrawals.hashTreeRoot([]),
  };
}

/** What a proposer puts into a block of this devnet: no operations besides the payload and the sync aggregate. */
export function createBlockBody(
  block: ExecutionBlock,
  syncAggregate: SyncAggregate,
  randaoReveal: Uint8Array,
): BeaconBlockBody {
  return {
    ...ssz.fulu.BeaconBlockBody.defaultValue(),
    randaoReveal,
    syncAggregate,
    executionPayload: { ...block, transactions: [...block.transactions], withdrawals: [] },
  };
}
