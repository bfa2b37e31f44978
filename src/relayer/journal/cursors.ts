import { eq, sql } from 'drizzle-orm';
import type { ChainName } from '../../chains/shared/bridged-chain.ts';
import type { Database } from './database.ts';
import { cursors } from './schema.ts';

/** The last block of `chain` of which everything is in the journal; undefined before the first. */
export async function loadCursor(
  database: Database,
  chain: ChainName,
): Promise<number | undefined> {
  const [row] = await database.select().from(cursors).where(eq(cursors.name, chain));
  return row?.blockNumber;
}

/** Moves a cursor; call it in the transaction that records what it covers. */
export async function saveCursor(
  database: Database,
  chain: ChainName,
  blockNumber: number,
): Promise<void> {
  await database
    .insert(cursors)
    .values({ name: chain, blockNumber })
    .onConflictDoUpdate({ target: cursors.name, set: { blockNumber: sql`excluded.block_number` } });
}
