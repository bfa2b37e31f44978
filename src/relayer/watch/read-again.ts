import type { Bridge, Side } from '../bridge.ts';
import { type ChainCursor, changeChain, cursorBefore, saveCursor } from '../journal/cursors.ts';
import type { Database } from '../journal/database.ts';
import { forgetRecorded } from './recorded-logs.ts';

/** Where a chain is read again from, and why. */
interface Rereading {
  /** The node is distrusted for it. */
  readonly why: string;
  /** For the log. */
  readonly said: string;
  /** The first block to read, of where the journal stands; nothing is skipped, and no block before the contracts' is read. */
  resumeAt(cursor: ChainCursor): number;
  /** Where outboxes stand without what is forgotten. */
  readonly stand?: Partial<ChainCursor>;
  /** Takes what is not so out of the journal. */
  forget?(tx: Database): Promise<void>;
}

/** Sets the journal's cursor of a chain back, and has another node asked first, if there is one. */
export async function readAgain(
  { database, log }: Pick<Bridge, 'database' | 'log'>,
  side: Side,
  { why, said, resumeAt, stand, forget }: Rereading,
): Promise<void> {
  const { chain, fromBlock } = side;
  forgetRecorded(side);
  const before = await changeChain(database, chain.chainId, async (tx, now) => {
    await forget?.(tx);
    const cursor = now ?? cursorBefore(fromBlock);
    const last = Math.min(cursor.blockNumber, Math.max(resumeAt(cursor), fromBlock) - 1);
    await saveCursor(tx, chain.chainId, { ...cursor, ...stand, blockNumber: last, readTo: last });
    return last;
  });
  const host = chain.distrust(why);
  log.warn({ chain: chain.name, host, resumeAt: before + 1 }, said);
}
