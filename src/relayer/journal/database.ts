import type { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle as drizzleNode } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { BridgeError, type Disposition } from '../../shared/errors.ts';
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

/** What becomes of a journal of an older form: only a relayer that starts, or forgets it all, may make it newer. */
export type OlderForm = 'renewed' | 'refused';

/**
 * Opens the embedded database that keeps its files in `folder`, or in memory without one.
 *
 * @param older renewed unless given
 * @throws {JournalFormError} {@link JournalFolderError} as `openPglite`
 */
export async function openEmbedded(
  folder?: string,
  older?: OlderForm,
): Promise<OpenDatabase & { pglite: PGlite }> {
  const pglite = await openPglite(folder);
  const database = withoutValues(drizzlePglite(pglite));
  const close = () => pglite.close();
  await migrateOrClose(database, { older, close });
  return { database, pglite, close };
}

/** Opens a Postgres by its URL. @param options its journal of an older form is renewed unless given @throws {JournalUnreachable} {@link JournalFormError} */
export async function openPostgres(
  connectionString: string,
  { older, ...options }: PostgresOptions & { readonly older?: OlderForm } = {},
): Promise<OpenDatabase> {
  const pool = await openPostgresPool(connectionString, options);
  const database = withoutValues(drizzleNode(pool));
  const close = () => pool.end();
  await migrateOrClose(database, { older, close });
  return { database, close };
}

async function migrateOrClose(
  database: Database,
  { older, close }: Pick<OpenDatabase, 'close'> & { readonly older: OlderForm | undefined },
): Promise<void> {
  try {
    await migrate(database, older);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Any number; the same for every process that migrates. */
const MIGRATION_LOCK = 7_611_893;

/** Brings the tables to the newest form; one process at a time. @throws {JournalFormError} */
export async function migrate(database: Database, older: OlderForm = 'renewed'): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await tx.execute(sql`CREATE TABLE IF NOT EXISTS journal_version (version integer NOT NULL)`);
    const found = await knownVersionOf(tx);
    const from = Math.max(found, RETIRED_VERSION);
    const statements = MIGRATIONS.slice(from - RETIRED_VERSION);
    if (statements.length === 0) return;
    if (found > 0 && older === 'refused')
      throw new JournalFormError('JOURNAL_OLDER', { found, known: KNOWN_VERSION });
    for (const statement of statements) await tx.execute(sql.raw(statement));
    await tx.execute(sql`INSERT INTO journal_version VALUES (${from + statements.length})`);
  });
}

const KNOWN_VERSION = RETIRED_VERSION + MIGRATIONS.length;

/** The version of a journal; 0 of one whose tables are not made yet. @throws {JournalFormError} JOURNAL_NEWER */
async function knownVersionOf(database: Database): Promise<number> {
  const { rows } = (await database.execute(
    sql`SELECT coalesce(max(version), 0) AS version FROM journal_version`,
  )) as unknown as { rows: { version: number }[] };
  const found = rows[0]?.version ?? 0;
  if (found <= KNOWN_VERSION) return found;
  throw new JournalFormError('JOURNAL_NEWER', { found, known: KNOWN_VERSION });
}

/** Refuses a journal whose tables mean what this release cannot know; one that a relayer has yet to make is none. @throws {JournalFormError} JOURNAL_NEWER */
export async function requireNotNewer(database: Database): Promise<void> {
  const { rows } = (await database.execute(
    sql`SELECT to_regclass('journal_version') IS NOT NULL AS "isMade"`,
  )) as unknown as { rows: { isMade: boolean }[] };
  if (rows[0]?.isMade === true) await knownVersionOf(database);
}

const FORMS = {
  JOURNAL_NEWER: {
    disposition: 'halt',
    fix: 'run the newer relayer, or give this one another journal',
  },
  JOURNAL_OLDER: {
    disposition: 'reject',
    fix: 'back it up and start the relayer of this release, which makes it newer, or use the release that made it',
  },
} as const satisfies Record<string, { disposition: Disposition; fix: string }>;

/**
 * The journal is of a form that this program must not work with: of a newer relayer, whose tables mean what it cannot know, or of an older
 * one, which only a relayer may change.
 */
export class JournalFormError extends BridgeError<{ found: number; known: number }> {
  readonly code: keyof typeof FORMS;
  readonly disposition: Disposition;
  constructor(code: keyof typeof FORMS, meta: { found: number; known: number }) {
    super(
      `The journal is of version ${meta.found}, and that of this release is ${meta.known}: ${FORMS[code].fix}.`,
      meta,
    );
    this.code = code;
    this.disposition = FORMS[code].disposition;
  }
}
