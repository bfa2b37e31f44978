import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { type Database, type OpenDatabase, requireNotNewer } from './database.ts';
import { requireAnswer } from './postgres-pool.ts';
import { withoutValues } from './statement-errors.ts';

const MAX_CONNECTIONS = 4;
const CONNECT_MS = 5000;
const STATEMENT_MS = 5000;

/**
 * Opens a relayer's journal on Postgres for one who only reads: nothing is written, nor brought to a newer form, and no question takes long.
 *
 * @throws {JournalUnreachable} @throws {JournalFormError} JOURNAL_NEWER
 */
export async function openToRead(connectionString: string): Promise<OpenDatabase> {
  const pool = new pg.Pool({
    connectionString,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    statement_timeout: STATEMENT_MS,
    keepAlive: true,
    options: '-c default_transaction_read_only=on',
  });
  // An idle connection that breaks is replaced by the pool; unheard, its error would end the process.
  pool.on('error', () => undefined);
  await requireAnswer(pool, connectionString);
  const database = withoutValues(drizzle(pool));
  try {
    await requireNotNewer(database);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { database, close: () => pool.end() };
}

/**
 * Whether the journal answers, and is of a form that this release can read: a relayer may make it newer while it is read.
 *
 * @throws {JournalError} it does not answer, or has never been made @throws {JournalFormError} JOURNAL_NEWER
 */
export async function requireReadable(database: Database): Promise<void> {
  await requireNotNewer(database);
  await database.execute(sql`SELECT max(id) FROM state_changes`);
}
