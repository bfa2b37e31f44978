import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Database, OpenDatabase } from './database.ts';
import { requireAnswer } from './postgres-pool.ts';
import { withoutValues } from './statement-errors.ts';

const MAX_CONNECTIONS = 4;
const CONNECT_MS = 5000;
const STATEMENT_MS = 5000;

/**
 * Opens a relayer's journal on Postgres for one who only reads: nothing is written, nor brought to a newer form, and no question takes long.
 *
 * @throws {JournalUnreachable}
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
  return { database: withoutValues(drizzle(pool)), close: () => pool.end() };
}

/** Whether the journal answers. @throws {JournalError} it does not, or has never been made */
export async function requireReadable(database: Database): Promise<void> {
  await database.execute(sql`SELECT max(id) FROM state_changes`);
}
