import type { BlockRef, ContractLog } from '../../chains/shared/bridged-chain.ts';
import { decodeLogs, type SeenLogs } from '../../chains/shared/decode-logs.ts';
import type { Bridge, Side } from '../bridge.ts';
import { refundsAmong } from '../journal/batches.ts';
import { commitOf, recordCommits } from '../journal/commits.ts';
import { recordControl } from '../journal/control-messages.ts';
import { loadCursor, saveCursor } from '../journal/cursors.ts';
import type { Database } from '../journal/database.ts';
import { journalChanges } from '../journal/journal-changes.ts';
import { ANY_BLOCK, recordMessages } from '../journal/messages.ts';
import { publicRefundTags } from '../journal/refund-tags.ts';
import { recordReleases } from '../journal/releases.ts';
import { takeBackChanges } from '../journal/state-changes.ts';
import { type KnownRefunds, stateChangesOf } from './state-changes-of.ts';

/** Blocks whose logs are recorded in one transaction. */
const CHUNK_BLOCKS = 500;

/** The newest block, and the newest that is final. */
interface Newest {
  readonly head: BlockRef;
  readonly final: BlockRef;
}

/** Records what blocks that are not final yet say. The cursor stays. */
export async function recordHead(
  bridge: Bridge,
  side: Side,
  { head, final }: Newest,
): Promise<void> {
  await side.recording.run(async () => {
    // Never a final block, which nothing replaces: after a rewind the cursor is behind them.
    const fromBlock = Math.max(await nextBlock(bridge, side), final.number + 1);
    const logs = await readLogs(side, fromBlock, head.number);
    // Beyond the head, too: a fork that lost may have been the longer one.
    const reading = { side, logs, isFinal: false, fromBlock, toBlock: ANY_BLOCK };
    await bridge.database.transaction((tx) => record(bridge, reading, tx));
  });
}

/** Records what final blocks say, up to `upTo`, and then moves the cursor there. */
export async function recordFinal(bridge: Bridge, side: Side, upTo: BlockRef): Promise<void> {
  await side.recording.run(async () => {
    let from = await nextBlock(bridge, side);
    while (from <= upTo.number) {
      const to = Math.min(from + CHUNK_BLOCKS - 1, upTo.number);
      const logs = await readLogs(side, from, to);
      await bridge.database.transaction(async (tx) => {
        await record(bridge, { side, logs, isFinal: true, fromBlock: from, toBlock: to }, tx);
        await saveCursor(tx, side.chain.chainId, to);
      });
      from = to + 1;
    }
  });
}

async function nextBlock({ database }: Bridge, { chain, fromBlock }: Side): Promise<number> {
  const cursor = await loadCursor(database, chain.chainId);
  return cursor === undefined ? fromBlock : cursor + 1;
}

async function readLogs(side: Side, fromBlock: number, toBlock: number): Promise<ContractLog[]> {
  if (toBlock < fromBlock) return [];
  const lists = await Promise.all(
    side.contracts.map((address) => side.chain.logs({ address, fromBlock, toBlock })),
  );
  return lists.flat().sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

interface Reading {
  readonly side: Side;
  readonly logs: readonly ContractLog[];
  readonly isFinal: boolean;
  readonly fromBlock: number;
  readonly toBlock: number;
}

async function record(bridge: Bridge, reading: Reading, tx: Database): Promise<void> {
  const { side, logs, isFinal, fromBlock, toBlock } = reading;
  const { gateway } = side;
  const { chainId, name } = side.chain;
  const seen = decodeLogs(logs, { chain: name, chainId, gateway, isFinal });
  await recordMessages(tx, seen.messages);
  await recordCommits(tx, seen.commits);
  await recordControl(tx, seen.controls);
  await recordReleases(tx, { chainId, fromBlock, toBlock }, { ...seen, isFinal });
  const consumed = await consumedBefore(seen, tx);
  const refunds = await refundsKnown(side, seen, tx);
  const atMs = bridge.clock.nowMs();
  const changes = stateChangesOf(seen, { chainId, isFinal, atMs, consumed, refunds });
  for (const gone of await takeBackChanges(tx, { chainId, fromBlock, toBlock }, changes)) {
    bridge.log.warn(gone, `${gone.subject} is not ${gone.state}: its block was replaced`);
  }
  await journalChanges({ database: tx, log: bridge.log }, changes);
}

async function consumedBefore({ commits }: SeenLogs, tx: Database) {
  const [first] = commits;
  const before = first && (await commitOf(tx, first.number - 1n));
  return before?.inputs ?? [];
}

async function refundsKnown(
  { chain, gateway }: Side,
  { releases }: SeenLogs,
  tx: Database,
): Promise<KnownRefunds> {
  const { chainId } = chain;
  const indexes = releases.map(({ index }) => index);
  return {
    indexes: await refundsAmong(tx, chainId, indexes),
    tags: await publicRefundTags(tx, { chainId, gateway }, releases),
  };
}
