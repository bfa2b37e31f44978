import { DrizzleQueryError } from 'drizzle-orm/errors';
import type {
  PgDatabase,
  PgPreparedQuery,
  PgQueryResultHKT,
  PreparedQueryConfig,
} from 'drizzle-orm/pg-core';
import { BridgeError } from '../../shared/errors.ts';

type Database = PgDatabase<PgQueryResultHKT>;

/** A statement that the journal's database did not carry out: a connection that broke, or a value that it does not take. */
export class JournalError extends BridgeError<{ table: string; sqlState: string }> {
  readonly code = 'JOURNAL_STATEMENT_FAILED';
  readonly disposition = 'retry';
  constructor(meta: { table: string; sqlState: string }) {
    const message = `The journal's database did not carry out a statement on ${meta.table} (${meta.sqlState}); it will be tried again.`;
    super(message, meta);
  }
}

/** Postgres's own files are damaged, or the embedded one has stopped for good: no later statement will be carried out either. */
export class JournalDamagedError extends BridgeError<{ table: string; sqlState: string }> {
  readonly code = 'JOURNAL_DAMAGED';
  readonly disposition = 'halt';
  constructor(meta: { table: string; sqlState: string }) {
    const message = `The journal's database is damaged or has stopped at a statement on ${meta.table} (${meta.sqlState}): start again, and if it comes again run \`veilspan relayer rebuild\`.`;
    super(message, meta);
  }
}

/** SQLSTATEs of data and of an index that are damaged, and the end of a program in WebAssembly. */
const DAMAGED: ReadonlySet<string> = new Set(['XX001', 'XX002', 'RuntimeError']);

/**
 * Has every statement of `database`, also inside transactions, fail with nothing but its table and the database's code.
 *
 * SECURITY: the driver's error holds all values of the statement, in its message, a member and its cause: recipients, amounts, envelopes.
 * So it is replaced where it arises, and not wherever errors are told of.
 */
export function withoutValues(database: Database): Database {
  guardSession(database._.session);
  return database;
}

function guardSession(session: Database['_']['session']): void {
  const { prepareQuery, transaction } = session;
  // CAST: `apply` forgets that the answer's type follows from the arguments.
  session.prepareQuery = ((...args) => {
    const statement = prepareQuery.apply(session, args);
    guardStatement(statement);
    return statement;
  }) as typeof prepareQuery;
  session.transaction = async (run, config) => {
    let failure: { readonly of: unknown } | undefined;
    const guarded: typeof run = async (tx) => {
      guardSession(tx._.session);
      try {
        return await run(tx);
      } catch (error) {
        failure = { of: error };
        throw error;
      }
    };
    try {
      // CAST: `call` forgets that the answer's type follows from the arguments.
      return await (transaction.call(session, guarded, config) as ReturnType<typeof run>);
    } catch (error) {
      // What went wrong in it is told even if it could not be taken back; all else is of its connection, its begin or its end.
      throw failure === undefined ? toTransactionError(error) : failure.of;
    }
  };
}

function toTransactionError(error: unknown): unknown {
  if (error instanceof BridgeError || !(error instanceof Error)) return error;
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  return new JournalError({ table: 'no table', sqlState: codeOf(cause) });
}

function guardStatement(statement: PgPreparedQuery<PreparedQueryConfig>): void {
  const { execute } = statement;
  statement.execute = async (...args) => {
    try {
      return await execute.apply(statement, args);
    } catch (error) {
      throw error instanceof DrizzleQueryError ? toJournalError(error) : error;
    }
  };
}

function toJournalError({ query, cause }: DrizzleQueryError): BridgeError {
  if (cause instanceof BridgeError) return cause;
  const table = tableOf(query);
  const sqlState = codeOf(cause);
  return DAMAGED.has(sqlState)
    ? new JournalDamagedError({ table, sqlState })
    : new JournalError({ table, sqlState });
}

/** The first table that a statement names. */
export function tableOf(query: string): string {
  return /\b(?:into|update|from|table) "?(\w+)"?/i.exec(query)?.[1] ?? 'no table';
}

/** SQLSTATE, or what the connection calls it; the name of the error if it has none. */
function codeOf(cause: Error | undefined): string {
  const code = cause !== undefined && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : (cause?.name ?? 'no reason given');
}
