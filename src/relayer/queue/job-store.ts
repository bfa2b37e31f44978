import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { createPostgresBackend, type Processor, Queue, Worker, type WorkerOptions } from 'bullmq';
import { connectRedis, type RedisPatience } from './redis-line.ts';

type WorkerSettings = Omit<WorkerOptions, 'connection'>;

/** Where jobs wait. */
export interface JobStore {
  createQueue(): Queue;
  createWorker(process: Processor, settings: WorkerSettings): Worker;
  close(): Promise<void>;
}

const QUEUE_NAME = 'relayer';

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
      new Worker(QUEUE_NAME, process, { connection, ...settings }),
    close,
  };
}

const MAX_CONNECTIONS = 16;
/** The embedded database wakes no listener of another connection, so an idle worker looks by itself. */
const EMBEDDED_DRAIN_DELAY_SEC = 0.1;

/**
 * Keeps jobs in this process's memory: BullMQ's Postgres backend over PGlite. It is a database of its own, since the
 * journal's must not share a session with it, and in memory, since a queue that is lost is built again.
 */
export async function openEmbeddedStore(): Promise<JobStore> {
  const db = await PGlite.create();
  const options = { db, host: '127.0.0.1', port: 0, maxConnections: MAX_CONNECTIONS };
  const server = new PGLiteSocketServer(options);
  await server.start();
  const connectionString = `postgres://postgres@${server.getServerConn()}/postgres`;
  const connection = { connectionString, max: 3, migrate: true, schema: 'public' };
  return {
    // CAST: BullMQ puts the backend into the type; the methods are the same.
    createQueue: () =>
      new Queue(QUEUE_NAME, { connection }, createPostgresBackend) as unknown as Queue,
    createWorker: (process, settings) => {
      const all = { connection, drainDelay: EMBEDDED_DRAIN_DELAY_SEC, ...settings };
      return new Worker(QUEUE_NAME, process, all, createPostgresBackend) as unknown as Worker;
    },
    close: async () => {
      await server.stop();
      await db.close();
    },
  };
}
