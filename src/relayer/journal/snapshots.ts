import { and, desc, eq, lt } from 'drizzle-orm';
import type { Database } from './database.ts';
import { makeOnce } from './made-statement.ts';
import { snapshots } from './schema.ts';

/** A sealed snapshot of the ledger after a transition: only an enclave can read it. */
export interface Snapshot {
  readonly number: bigint;
  readonly chunks: readonly Uint8Array[];
}

/** How many of the newest are kept: a restart in the middle of one leaves the one before. */
const KEPT_SNAPSHOTS = 2;

/** Keeps a snapshot, and of those before it only the newest. */
export async function saveSnapshot(
  database: Database,
  { number, chunks }: Snapshot,
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.delete(snapshots).where(eq(snapshots.number, number));
    for (const [chunk, bytes] of chunks.entries()) {
      await tx.insert(snapshots).values({ number, chunk, chunks: chunks.length, bytes });
    }
    const oldest = (await snapshotNumbers(tx)).at(KEPT_SNAPSHOTS - 1);
    if (oldest !== undefined) await tx.delete(snapshots).where(lt(snapshots.number, oldest));
  });
}

/** Numbers of the snapshots that are kept, the newest first. */
export async function snapshotNumbers(database: Database): Promise<bigint[]> {
  return (await keptNumbers(database, {})).map(({ number }) => number);
}

const keptNumbers = makeOnce([], (database) =>
  database
    .selectDistinct({ number: snapshots.number })
    .from(snapshots)
    .orderBy(desc(snapshots.number)),
);

/** One chunk of a snapshot, and how many there are; undefined if it is not kept. */
export async function snapshotChunk(
  database: Database,
  number: bigint,
  chunk: number,
): Promise<{ readonly chunks: number; readonly bytes: Uint8Array } | undefined> {
  const [row] = await database
    .select({ chunks: snapshots.chunks, bytes: snapshots.bytes })
    .from(snapshots)
    .where(and(eq(snapshots.number, number), eq(snapshots.chunk, chunk)));
  // The one driver gives a view of its buffers, the other a subclass: what goes on is a plain array of bytes.
  return row && { chunks: row.chunks, bytes: new Uint8Array(row.bytes) };
}
