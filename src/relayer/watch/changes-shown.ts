import { ChainError } from '../../chains/shared/bridged-chain.ts';
import type { SeenLogs } from '../../chains/shared/decode-logs.ts';
import type { Cursor } from '../../protocol/commit.ts';
import type { Bridge, Side } from '../bridge.ts';
import { refundsAmong } from '../journal/batches.ts';
import { commitOf } from '../journal/commits.ts';
import type { Database } from '../journal/database.ts';
import { publicRefundTags } from '../journal/refund-tags.ts';
import type { StateChange } from '../journal/state-changes.ts';
import { type KnownRefunds, stateChangesOf } from './state-changes-of.ts';

/** What logs have shown, and where. */
interface Shown {
  readonly side: Side;
  readonly seen: SeenLogs;
  readonly isFinal: boolean;
}

/** State changes that logs show, with what the journal knows of the commits and refunds that they go on from. @throws {ChainError} CHAIN_ANSWER_MALFORMED */
export async function changesShown(
  { clock }: Bridge,
  { side, seen, isFinal }: Shown,
  tx: Database,
): Promise<Iterable<StateChange>> {
  const { chainId } = side.chain;
  const consumed = await consumedBefore(side, seen, tx);
  const refunds = await refundsKnown(side, seen, tx);
  return stateChangesOf(seen, { chainId, isFinal, atMs: clock.nowMs(), consumed, refunds });
}

/** Messages that one commit consumes at most: far more than any ledger holds, and few enough to write down. */
const MAX_CONSUMED = 2n ** 20n;

/** Cursors of the commit before the first one seen. @throws {ChainError} CHAIN_ANSWER_MALFORMED: none consumes so many */
async function consumedBefore(
  { chain }: Side,
  { commits }: SeenLogs,
  tx: Database,
): Promise<readonly Cursor[]> {
  const [first] = commits;
  const before = (first && (await commitOf(tx, first.number - 1n)))?.inputs ?? [];
  const counts = new Map(before.map(({ chainId, count }) => [chainId, count]));
  for (const { number, inputs } of commits) {
    for (const { chainId, count } of inputs) {
      if (count - (counts.get(chainId) ?? 0n) > MAX_CONSUMED) {
        const what = `commit ${number} consumes messages up to ${count} of chain ${chainId}`;
        throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: chain.name, what });
      }
      counts.set(chainId, count);
    }
  }
  return before;
}

async function refundsKnown(
  { chain, gateway }: Side,
  { releases }: SeenLogs,
  tx: Database,
): Promise<KnownRefunds> {
  const { chainId } = chain;
  const indexes = releases.map(({ index }) => index).sort((a, b) => (a < b ? -1 : 1));
  return {
    indexes: await refundsAmong(tx, chainId, indexes),
    tags: await publicRefundTags(tx, { chainId, gateway }, releases),
  };
}
