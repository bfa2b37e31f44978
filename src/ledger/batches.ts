import type { ChainPosition } from '../protocol/message.ts';
import {
  MAX_BATCH_RELEASES,
  positionAfterBatch,
  type Release,
  type ReleaseBatch,
} from '../protocol/release.ts';
import { type FeePool, spreadFees } from './fees.ts';
import type { LedgerChain } from './state.ts';

/**
 * A chain's releases as batches that follow each other in the gateway's order, and the position after them.
 *
 * @param chain    as the transition leaves its inbox, and as it was before it released anything
 * @param releases in the order they are to be paid
 * @param pool     the chain's fees, of which the submitters' share is spread over the batches
 */
export function buildBatches(
  chain: LedgerChain,
  releases: readonly Release[],
  pool: FeePool,
): { readonly batches: ReleaseBatch[]; readonly position: ChainPosition } {
  const batchCount = Math.ceil(releases.length / MAX_BATCH_RELEASES);
  const { chainId, gateway, inbox } = chain;
  let position = chain.released;
  const batches = spreadFees(pool, batchCount).map((fees, i) => {
    const first = i * MAX_BATCH_RELEASES;
    const batch = {
      chainId,
      gateway,
      firstIndex: position.count,
      prevHead: position.head,
      releases: releases.slice(first, first + MAX_BATCH_RELEASES),
      fees,
      consumedCount: inbox.count,
    };
    position = positionAfterBatch(batch);
    return batch;
  });
  return { batches, position };
}
