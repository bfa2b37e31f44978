import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Serial } from '../../../src/relayer/serial.ts';
import { freePort } from '../../support/free-port.ts';

/** A Redis and a Postgres that worlds may do anything to, within what the addresses name. */
export interface Stores {
  readonly redisUrl: string;
  /** Makes a database that holds nothing. @returns its address; the password in it opens nothing and may be found nowhere */
  createDatabase(): Promise<string>;
  /** Servers of this process's own: each is killed, and starts again after so long. What Redis held is gone. */
  readonly servers?: Readonly<Record<'redis' | 'postgres', (forMs: number) => Promise<void>>>;
  close(): Promise<void>;
}

/** Stands in every address of a database that a relayer is given. */
export const DATABASE_PASSWORD = 'password-that-nothing-may-tell';

const BINARIES = '/usr/lib/postgresql';
const START_MS = 30_000;

/** The servers of REDIS_URL and POSTGRES_URL, or ones of this process's own where they are installed; undefined if neither is to be had. */
export async function openStores(): Promise<Stores | undefined> {
  const { REDIS_URL: redisUrl, POSTGRES_URL: postgresUrl } = process.env;
  if (redisUrl !== undefined && postgresUrl !== undefined) {
    return storesAt({ redisUrl, postgresUrl, close: async () => undefined });
  }
  const binaries = newestBinaries();
  return binaries === undefined ? undefined : await startOwn(binaries);
}

function newestBinaries(): string | undefined {
  if (!existsSync(BINARIES) || !existsSync('/usr/bin/redis-server')) return undefined;
  const found = readdirSync(BINARIES).map((version) => join(BINARIES, version, 'bin'));
  return found.filter((folder) => existsSync(join(folder, 'initdb'))).at(-1);
}

/** Ends at the latest with this process. */
async function startOwn(binaries: string): Promise<Stores> {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-stores-'));
  const [redisPort, postgresPort] = [await freePort(), await freePort()];
  const user = postgresUser();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const at = join(folder, 'postgres');
  const options = { cwd: folder, stdio: 'ignore', ...user } as const;
  execFileSync(join(binaries, 'initdb'), ['-D', at, '-U', 'veilspan', '-A', 'trust'], options);
  const redisArgs = ['--bind', '127.0.0.1', '--save', '', '--dir', folder, '--port', redisPort];
  const postgresArgs = ['-D', at, '-p', `${postgresPort}`, '-h', '127.0.0.1', '-k', folder];
  const redis = new Server(() => spawn('redis-server', redisArgs.map(String), { stdio: 'ignore' }));
  const postgres = new Server(() => spawn(join(binaries, 'postgres'), postgresArgs, options));
  const postgresUrl = `postgres://veilspan@127.0.0.1:${postgresPort}/postgres`;
  await withClient(postgresUrl, async () => undefined);
  return storesAt({
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    postgresUrl,
    servers: {
      redis: (forMs) => redis.restart(forMs),
      postgres: async (forMs) => {
        await postgres.restart(forMs);
        await withClient(postgresUrl, async () => undefined);
      },
    },
    close: async () => {
      redis.kill();
      postgres.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** A server's process, which ends at the latest with this one. */
class Server {
  readonly #spawn: () => ChildProcess;
  readonly #turns = new Serial();
  readonly #onExit = () => this.#child.kill('SIGKILL');
  #child: ChildProcess;

  constructor(start: () => ChildProcess) {
    this.#spawn = start;
    this.#child = start();
    process.once('exit', this.#onExit);
  }

  /** Kills it, and starts it again after so long. */
  async restart(forMs: number): Promise<void> {
    await this.#turns.run(async () => {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      // Postgres's own children end with it, and until then nobody may take their place.
      this.#child.kill('SIGQUIT');
      await ended;
      await sleep(forMs);
      this.#child = this.#spawn();
    });
  }

  kill(): void {
    process.off('exit', this.#onExit);
    this.#child.kill('SIGKILL');
  }
}

/** Postgres refuses to run as root. */
function postgresUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

interface Addresses extends Pick<Stores, 'redisUrl' | 'servers' | 'close'> {
  readonly postgresUrl: string;
}

function storesAt({ postgresUrl, ...stores }: Addresses): Stores {
  let made = 0;
  return {
    ...stores,
    createDatabase: async () => {
      const name = `chaos_${process.pid}_${Date.now()}_${made++}`;
      await withClient(postgresUrl, (client) => client.query(`CREATE DATABASE ${name}`));
      const url = new URL(postgresUrl);
      url.pathname = name;
      url.password ||= DATABASE_PASSWORD;
      return url.href;
    },
  };
}

/** Asks a Postgres on a connection of its own, as soon as there is one: a server that is just away comes back. */
export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectTo(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connectTo(url: string): Promise<pg.Client> {
  for (const endMs = performance.now() + START_MS; ; await sleep(100)) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}

/** Asks a Redis on a connection of its own. */
export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
