import type { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle as drizzleNode } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { BridgeError } from '../../shared/errors.ts';
import { MIGRATIONS, RETIRED_VERSION } from './migrations.ts';
import { openPglite } from './open-pglite.ts';
import { openPostgresPool, type PostgresOptions } from './postgres-pool.ts';
import { withoutValues } from './statement-errors.ts';

/** Either database, as the journal uses it. */
export type Database = PgDatabase<PgQueryResultHKT>;

/**
 * Rows in one statement. The embedded database never gives back what reading its longest statement took: 20 MB for 2000 rows. A statement
 * takes 65,535 values at most, and no row has more than 30.
 */
export const MAX_ROWS_AT_ONCE = 250;

/** A database that is open, and what ends it. */
export interface OpenDatabase {
  readonly database: Database;
  /** The one session of an embedded database, which can serve the queue as well. */
  readonly pglite?: PGlite;
  close(): Promise<void>;
}

/**
 * Opens the embedded database that keeps its files in `folder`, or in memory without one.
 *
 * @throws {JournalNewerError} {@link JournalFolderError} as `openPglite`
 */
export async function openEmbedded(folder?: string): Promise<OpenDatabase & { pglite: PGlite }> {
  const pglite = await openPglite(folder);
  const database = withoutValues(drizzlePglite(pglite));
  await migrate(database);
  return { database, pglite, close: () => pglite.close() };
}

/** Opens a Postgres by its URL. @throws {JournalUnreachable} */
export async function openPostgres(
  connectionString: string,
  options: PostgresOptions = {},
): Promise<OpenDatabase> {
  const pool = await openPostgresPool(connectionString, options);
  const database = withoutValues(drizzleNode(pool));
  await migrate(database);
  return { database, close: () => pool.end() };
}

/** Any number; the same for every process that migrates. */
const MIGRATION_LOCK = 7_611_893;

/** Brings the tables to the newest form; one process at a time. @throws {JournalNewerError} JOURNAL_NEWER */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await tx.execute(sql`CREATE TABLE IF NOT EXISTS journal_version (version integer NOT NULL)`);
    const { rows } = (await tx.execute(
      sql`SELECT coalesce(max(version), 0) AS version FROM journal_version`,
    )) as unknown as { rows: { version: number }[] };
    const found = rows[0]?.version ?? 0;
    const known = RETIRED_VERSION + MIGRATIONS.length;
    if (found > known) throw new JournalNewerError({ found, known });
    const from = Math.max(found, RETIRED_VERSION);
    const statements = MIGRATIONS.slice(from - RETIRED_VERSION);
    if (statements.length === 0) return;
    for (const statement of statements) await tx.execute(sql.raw(statement));
    await tx.execute(sql`INSERT INTO journal_version VALUES (${from + statements.length})`);
  });
}

/** The journal was made by a relayer that is newer than this one, which must not guess what its tables mean. */
export class JournalNewerError extends BridgeError<{ found: number; known: number }> {
  readonly code = 'JOURNAL_NEWER';
  readonly disposition = 'halt';
  constructor(meta: { found: number; known: number }) {
    super(
      `The journal is of version ${meta.found}, and this relayer knows versions up to ${meta.known}: run the newer relayer, or give this one another journal.`,
      meta,
    );
  }
}
