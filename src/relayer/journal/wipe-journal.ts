import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import type { RelayerConfig } from '../../config/relayer.ts';
import { type Database, openEmbedded, openPostgres } from './database.ts';
import { JournalFolderError } from './journal-folder.ts';
import * as schema from './schema.ts';

/**
 * What no chain shows. An operator's holds are their word. A transaction that is signed and not final yet must be outbid or awaited, and not
 * sent a second time under another nonce. A lease's token must never be given out twice.
 * A snapshot brings back an enclave that has lost its ledger, and only enclaves can make one.
 */
const KEPT: ReadonlySet<string> = new Set([
  'holds',
  'retries',
  'submissions',
  'leases',
  'snapshots',
]);

/** Files of an embedded database. */
const DATABASE_FILE =
  /^(PG_VERSION|base|global|new|pg_\w+(\.conf)?|postgresql(\.auto)?\.conf|postmaster\.\w+)$/;

/**
 * Empties a journal of all that chains and enclaves show: a relayer reads it again, from the block of the deployment on. What they do not
 * show is kept; where the embedded database is damaged nothing can be, and its files are removed. That is safe too: an account's next
 * transaction takes the nonce that the chain says, the next snapshot is made in its time, and holds have to be said again.
 *
 * @throws {JournalNewerError} {@link JournalFolderError} JOURNAL_UNWRITABLE, JOURNAL_FULL
 */
export async function wipeJournal({
  folder,
  postgresUrl,
}: RelayerConfig['journal']): Promise<'what chains show' | 'everything'> {
  try {
    const { database, close } = await (postgresUrl === undefined
      ? openEmbedded(folder)
      : openPostgres(postgresUrl.reveal()));
    await emptyTables(database).finally(close);
    return 'what chains show';
  } catch (error) {
    if (!(error instanceof JournalFolderError) || error.code !== 'JOURNAL_CORRUPT') throw error;
    removeDatabase(folder);
    return 'everything';
  }
}

async function emptyTables(database: Database): Promise<void> {
  const all: readonly unknown[] = Object.values(schema);
  const tables = all.filter((each) => is(each, PgTable));
  const read = tables.filter((table) => !KEPT.has(getTableName(table)));
  await database.execute(sql`TRUNCATE ${sql.join(read, sql`, `)}`);
}

/** Nothing else that somebody may have put into the folder. */
function removeDatabase(folder: string): void {
  const names = readdirSync(folder).filter((name) => DATABASE_FILE.test(name));
  for (const name of names) rmSync(join(folder, name), { recursive: true });
}
