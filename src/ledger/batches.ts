import { MAX_BATCH_RELEASES, positionAfterBatch, type ReleaseBatch } from '../protocol/release.ts';
import type { Draft, DraftChain, Payout } from './draft.ts';
import { batchKey } from './entry-keys.ts';
import { batchFees } from './fees.ts';
import { shuffleKey } from './prf.ts';
import { shuffle } from './shuffle.ts';
import { bookPayout } from './supply.ts';

/** Cuts what the round releases into batches, chain by chain, each in an order that only its key tells. */
export function cutBatches(draft: Draft): void {
  const byChain = Map.groupBy(draft.payouts, ({ chainId }) => chainId);
  for (const chain of draft.chains.values()) {
    const key = shuffleKey(draft.secret, chain.chainId, draft.round);
    const payouts = shuffle(byChain.get(chain.chainId) ?? [], key);
    for (let at = 0; at < payouts.length; at += MAX_BATCH_RELEASES) {
      cutBatch(draft, chain, payouts.slice(at, at + MAX_BATCH_RELEASES));
    }
  }
  draft.payouts = [];
}

function cutBatch(draft: Draft, chain: DraftChain, payouts: readonly Payout[]): void {
  const { chainId, gateway, inbox, released } = chain;
  const batch: ReleaseBatch = {
    chainId,
    gateway,
    firstIndex: released.count,
    prevHead: released.head,
    releases: payouts.map(({ release }) => release),
    fees: batchFees(payouts),
    consumedCount: inbox.count,
  };
  for (const { release, rate } of payouts) {
    bookPayout(draft, { chainId, asset: release.asset, amount: release.amount + rate });
  }
  chain.released = positionAfterBatch(batch);
  draft.batches = draft.batches.set(batchKey(chainId, batch.firstIndex), batch);
  draft.cut.push(batch);
}

/**
 * Forgets the batches that a gateway is proven to have paid.
 *
 * @param count releases that it has paid, none that were never made; whole batches are forgotten, and a count below what is known
 *   changes nothing
 */
export function prunePaid(draft: Draft, chainId: bigint, count: bigint): void {
  const chain = draft.chains.get(chainId);
  for (let isPaid = chain !== undefined; chain !== undefined && isPaid; ) {
    const key = batchKey(chainId, chain.paid);
    const batch = draft.batches.get(key);
    const end = chain.paid + BigInt(batch?.releases.length ?? 0);
    isPaid = batch !== undefined && end <= count;
    if (isPaid) {
      draft.batches = draft.batches.delete(key);
      chain.paid = end;
    }
  }
}
