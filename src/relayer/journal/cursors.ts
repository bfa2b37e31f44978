import { eq, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { cursors } from './schema.ts';

/** The last block of chain `chainId` of which everything is in the journal; undefined before the first. */
export async function loadCursor(database: Database, chainId: bigint): Promise<number | undefined> {
  const [row] = await database.select().from(cursors).where(eq(cursors.chainId, chainId));
  return row?.blockNumber;
}

/** Moves a cursor; call it in the transaction that records what it covers. */
export async function saveCursor(
  database: Database,
  chainId: bigint,
  blockNumber: number,
): Promise<void> {
  await database
    .insert(cursors)
    .values({ chainId, blockNumber })
    .onConflictDoUpdate({
      target: cursors.chainId,
      set: { blockNumber: sql`excluded.block_number` },
    });
}
