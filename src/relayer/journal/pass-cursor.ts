import { and, eq, not, or, sql } from 'drizzle-orm';
import { type ChainCursor, RECORDING_LOCK, recordingKey } from './cursors.ts';
import type { Database } from './database.ts';
import { changesIn, type ReadContracts, unsettledIn } from './forget-unsettled.ts';
import { makeOnce } from './made-statement.ts';
import { cursors } from './schema.ts';

/** Final blocks of a chain in which nothing was logged. */
export interface QuietBlocks {
  readonly chainId: bigint;
  /** Where the chain's cursor stood when their logs were asked for: right before them. */
  readonly cursor: ChainCursor;
  readonly toBlock: number;
  /** Whose logs were asked for. */
  readonly of: ReadContracts;
}

/**
 * Moves a chain's cursor over final blocks in which nothing was logged, which is what nearly every final block comes to, by one statement.
 * No other process changes what the journal has of the chain meanwhile, as with `changeChain`.
 *
 * @returns whether it has: not if the cursor is elsewhere by now, if another process records, or if the journal has anything of these
 *   blocks, or of those before them what is not settled
 */
export async function passCursor(
  database: Database,
  { chainId, cursor, toBlock, of }: QuietBlocks,
): Promise<boolean> {
  const bounds = { fromBlock: cursor.settledTo + 1, anyBlock: 0, toBlock };
  const asked = { ...cursor, ...bounds, chainId, key: recordingKey(chainId) };
  return (await PASSING[of](database, asked)).length > 0;
}

const STAND = ['chainId', 'blockNumber', 'readTo', 'settledTo', 'sentHead', 'controlHead'] as const;

function passing(of: ReadContracts) {
  const names = [...STAND, 'key', 'fromBlock', 'anyBlock', 'toBlock'] as const;
  return makeOnce(names, (database, { key, fromBlock, anyBlock, toBlock, ...stand }) => {
    const { chainId } = stand;
    const hasMore = or(
      changesIn(database, { chainId, fromBlock, toBlock }),
      ...unsettledIn(database, { chainId, fromBlock: anyBlock, toBlock }, of),
    );
    const isAlone = sql`pg_try_advisory_xact_lock(${RECORDING_LOCK}, ${key})`;
    const isThere = STAND.map((name) => eq(cursors[name], stand[name]));
    const at = sql`${toBlock}`;
    return database
      .update(cursors)
      .set({ blockNumber: at, readTo: at, settledTo: at })
      .where(and(...isThere, isAlone, not(sql`${hasMore}`)))
      .returning({ chainId: cursors.chainId });
  });
}

const PASSING = {
  'the gateway': passing('the gateway'),
  'all contracts': passing('all contracts'),
};
