import { Socket } from 'node:net';
import pg from 'pg';
import { BridgeError } from '../../shared/errors.ts';

/** How long a Postgres is waited for, in milliseconds. */
export interface PostgresPatience {
  /** For a connection, or for a free one. */
  readonly connectMs: number;
  /** For the end of a statement: the server ends it then. */
  readonly statementMs: number;
  /** For any byte of a server that is at work. Longer than a statement takes: the other end is gone. */
  readonly silenceMs: number;
  /** Between two statements of a transaction: a process that stands still there has others wait for what it has locked, a lease too. */
  readonly idleMs: number;
  /** For a connection's whole life: one to a server that has become a replica, or whose name leads elsewhere now, would be kept for ever. */
  readonly lifeMs: number;
}

const PATIENCE: PostgresPatience = {
  connectMs: 5000,
  statementMs: 60_000,
  silenceMs: 75_000,
  idleMs: 10_000,
  lifeMs: 300_000,
};
const MAX_CONNECTIONS = 8;
const KEEPALIVE_MS = 10_000;

/** What a pool is opened with. */
export interface PostgresOptions {
  /** Hears of each connection that breaks; the pool replaces it. */
  readonly onLost?: (error: Error) => void;
  readonly patience?: Partial<PostgresPatience>;
}

/**
 * Opens connections to a Postgres, one at once to see whether it answers.
 *
 * @throws {JournalUnreachable} it does not, or does not let this user in
 */
export async function openPostgresPool(
  connectionString: string,
  { onLost = () => undefined, patience }: PostgresOptions,
): Promise<pg.Pool> {
  const { connectMs, statementMs, silenceMs, idleMs, lifeMs } = { ...PATIENCE, ...patience };
  const pool = new ReturningPool({
    connectionString,
    max: MAX_CONNECTIONS,
    maxLifetimeSeconds: Math.ceil(lifeMs / 1000),
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: idleMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    stream: () => createWatchedSocket(silenceMs),
  });
  // Unheard, an error would end the process: of a connection that is idle, or of one in a transaction that is between two statements.
  pool.on('error', onLost);
  pool.on('connect', (client) => client.on('error', onLost));
  await requireAnswer(pool, connectionString);
  return pool;
}

/**
 * A pool that gets a connection back once it is lost. Drizzle never returns one on which a transaction did not begin: eight of them, as many as
 * a network loses in a moment, and nothing would be connected to any more.
 */
class ReturningPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) return super.connect().then(returnedWhenLost);
    super.connect(callback);
    return undefined;
  }
}

type ConnectCallback = Parameters<pg.Pool['connect']>[0];

function returnedWhenLost(client: pg.PoolClient): pg.PoolClient {
  const release = client.release;
  const lost = () => client.release(true);
  client.release = (error) => {
    client.off('end', lost);
    client.release = () => undefined;
    release(error);
  };
  client.once('end', lost);
  return client;
}

/** Waits for a first connection. @throws {JournalUnreachable} there is none; the pool is closed then */
export async function requireAnswer(pool: pg.Pool, connectionString: string): Promise<void> {
  try {
    (await pool.connect()).release();
  } catch (error) {
    void pool.end();
    throw new JournalUnreachable(placeOf(connectionString), reasonOf(error));
  }
}

/**
 * A socket that is given up when nothing comes or goes on it. The driver's own limit leaves a connection in the pool that answers
 * nobody; one that is idle is closed by the pool long before.
 */
function createWatchedSocket(silenceMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMs, () => {
    socket.destroy(new Error(`nothing from the server in ${silenceMs} ms`));
  });
  return socket;
}

/** SECURITY: without user and password. */
function placeOf(connectionString: string): string {
  return URL.canParse(connectionString) ? new URL(connectionString).host : 'the configured address';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** The journal's database does not answer at the start, or does not let this process in. */
export class JournalUnreachable extends BridgeError<{ host: string; reason: string }> {
  readonly code = 'JOURNAL_UNREACHABLE';
  readonly disposition = 'retry';
  constructor(host: string, reason: string) {
    const message = `No Postgres to be used for the journal at ${host} (${reason}); is it up, and do user and database exist?`;
    super(message, { host, reason });
  }
}
