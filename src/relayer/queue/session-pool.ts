import { EventEmitter } from 'node:events';
import type { PGlite, Results } from '@electric-sql/pglite';
import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq';

/** Types that node-postgres, which BullMQ is written for, leaves as text: `bigint` and `numeric`. */
const LEFT_AS_TEXT = { 20: asText, 1700: asText };

/**
 * An embedded database as the pool of connections that BullMQ's backend asks for. All of them are its one session, in which a statement
 * runs as a whole: neither does one of another connection come between its parts, nor into a transaction of the journal.
 */
export class SessionPool extends EventEmitter implements PgPool {
  /** BullMQ asks it whether a connection that is lost is noticed; this one cannot be lost. */
  readonly options = { keepAlive: true };
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super();
    this.#pglite = pglite;
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    if (params !== undefined) {
      return toResult(await this.#pglite.query<R>(text, [...params], { parsers: LEFT_AS_TEXT }));
    }
    // Without values it may be several statements.
    const results = await this.#pglite.exec(text, { parsers: LEFT_AS_TEXT });
    return toResult(results.at(-1) as Results<R>);
  }

  async connect(): Promise<PgPoolClient> {
    return new SessionClient(this, this.#pglite);
  }

  /** Whoever opened the database closes it. */
  async end(): Promise<void> {}
}

class SessionClient extends EventEmitter implements PgPoolClient {
  readonly query: PgPool['query'];
  readonly #stopHearing: () => void;

  constructor(pool: SessionPool, pglite: PGlite) {
    super();
    this.query = (text, params) => pool.query(text, params);
    this.#stopHearing = pglite.onNotification((channel, payload) =>
      this.emit('notification', { channel, payload }),
    );
  }

  release(): void {
    this.#stopHearing();
  }
}

function asText(value: string): string {
  return value;
}

function toResult<R>({ rows, affectedRows }: Results<R>): PgQueryResult<R> {
  return { rows, rowCount: affectedRows || rows.length };
}
