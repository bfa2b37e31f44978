import { type Placeholder, sql } from 'drizzle-orm';
import { PgDatabase, PgDialect } from 'drizzle-orm/pg-core';
import type { Database } from './database.ts';

type Session = Database['_']['session'];
/** What a session makes a statement of: text, values or their places, and how its rows are read. */
type Made = Parameters<Session['prepareQuery']>;

/** A query of Drizzle's that waits for its values. */
interface Draft<R> {
  prepare(name: string): { execute(values?: Record<string, unknown>): Promise<R> };
}

/** A place in a statement for each of some values. */
export type Places<N extends string> = Readonly<Record<N, Placeholder>>;

/**
 * A statement whose text Drizzle makes once and not each time it is asked, which is most of what a short one costs beside the database
 * itself. It runs in whatever session it is asked in, also that of a transaction.
 *
 * SECURITY: places take values as they are. Give it none of a column whose type Drizzle writes in a form of its own, such as bytes.
 *
 * @param names of its values
 * @param draft makes the query, with a place for each value
 */
export function makeOnce<N extends string, R>(
  names: readonly N[],
  draft: (database: Database, places: Places<N>) => Draft<R>,
): (database: Database, values: Readonly<Record<N, unknown>>) => Promise<R> {
  let made: Made | undefined;
  // What a session makes of it can be asked any number of times, also while it is being answered.
  const statements = new WeakMap<Session, ReturnType<Session['prepareQuery']>>();
  return async (database, values) => {
    const { session } = database._;
    made ??= madeOf(session, (drafting) => draft(drafting, placesOf(names)));
    const statement = statements.get(session) ?? session.prepareQuery(...made);
    statements.set(session, statement);
    // CAST: rows are read as the draft says, which is what its own statement would answer.
    return (await statement.execute(values)) as R;
  };
}

function placesOf<N extends string>(names: readonly N[]): Places<N> {
  const places: Record<string, Placeholder> = {};
  for (const name of names) places[name] = sql.placeholder(name);
  // CAST: it has no other keys.
  return places as Places<N>;
}

/** Has a query made in a session, and listens to what it is made of. */
function madeOf(session: Session, draft: (database: Database) => Draft<unknown>): Made {
  const heard: Made[] = [];
  const listening: Session = Object.create(session);
  listening.prepareQuery = ((...made) => {
    heard.push(made);
    return session.prepareQuery(...made);
  }) as Session['prepareQuery'];
  draft(new PgDatabase(new PgDialect(), listening, undefined)).prepare('');
  const [made] = heard;
  if (made === undefined) throw new TypeError('a draft that makes no statement');
  return made;
}
