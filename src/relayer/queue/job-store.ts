import { setTimeout as sleep } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import {
  type ConnectionOptions,
  createPostgresBackend,
  type IQueueBackend,
  type JobProgress,
  type Processor,
  Queue,
  type RedisQueueBackend,
  runMigrations,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { openPglite, QUEUE_SCHEMA } from '../journal/open-pglite.ts';
import { connectRedis, type RedisPatience } from './redis-line.ts';
import { SessionPool } from './session-pool.ts';

type WorkerSettings = Omit<WorkerOptions, 'connection'>;

/** Where jobs wait. */
export interface JobStore {
  createQueue(): Queue;
  createWorker(process: Processor, settings: WorkerSettings): Worker;
  close(): Promise<void>;
}

const QUEUE_NAME = 'relayer';

/** For so long a store that has failed is left alone, in milliseconds; a worker takes as long to close at most. */
const FAILED_MS = 500;

/**
 * BullMQ's worker asks a store that refuses again at once. Where the refusal needs no answer from anywhere, as of an embedded database that is
 * closed, that leaves nothing else of the process a turn: neither what it does nor its end.
 */
class PatientWorker<
  B extends IQueueBackend = RedisQueueBackend,
  C = ConnectionOptions,
> extends Worker<unknown, void, string, B, JobProgress, C> {
  protected override async moveToActive(token: string, name?: string) {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await sleep(FAILED_MS);
      throw error;
    }
  }
}

/**
 * Keeps jobs in a Redis.
 *
 * @param onTrouble hears of every attempt to connect that failed, once there was a connection
 * @throws {QueueUnreachable} there is none now
 */
export async function openRedisStore(
  url: string,
  onTrouble: (error: Error) => void,
  patience: Partial<RedisPatience> = {},
): Promise<JobStore> {
  const { redis: connection, close } = await connectRedis(url, onTrouble, patience);
  return {
    createQueue: () => new Queue(QUEUE_NAME, { connection }),
    createWorker: (process, settings) =>
      new PatientWorker(QUEUE_NAME, process, { connection, ...settings }),
    close,
  };
}

/** Nobody reads what BullMQ tells of its jobs. */
const KEPT_EVENTS = 100;

/**
 * Keeps jobs in an embedded database by BullMQ's Postgres backend, in a schema of its own. It begins empty: what another run has left is
 * found again by whoever plans.
 *
 * @param shared the journal's, which nothing uses yet; without it the jobs get a database in memory
 */
export async function openEmbeddedStore(shared?: PGlite): Promise<JobStore> {
  const pglite = shared ?? (await openPglite());
  await pglite.exec(`DROP SCHEMA IF EXISTS ${QUEUE_SCHEMA} CASCADE`);
  await runMigrations(new SessionPool(pglite), QUEUE_SCHEMA);
  const connect = () => ({ connection: new SessionPool(pglite) });
  const streams = { events: { maxLen: KEPT_EVENTS } };
  return {
    // CAST: BullMQ puts the backend into the type; the methods are the same.
    createQueue: () =>
      new Queue(QUEUE_NAME, { ...connect(), streams }, createPostgresBackend) as unknown as Queue,
    createWorker: (process, settings) =>
      new PatientWorker(
        QUEUE_NAME,
        process,
        { ...connect(), ...settings },
        createPostgresBackend,
      ) as unknown as Worker,
    close: async () => {
      if (shared === undefined) await pglite.close();
    },
  };
}
