import { Redis } from 'ioredis';
import { atMost } from '../../chains/shared/at-most.ts';
import { BridgeError } from '../../shared/errors.ts';

/** How long a Redis is waited for. */
export interface RedisPatience {
  /** Milliseconds for a connection to open, and again until the Redis has told of itself on it. */
  readonly connectMs: number;
  /** Milliseconds between questions whether it is there; without an answer to the second the connection is given up. */
  readonly pingMs: number;
}

const PATIENCE: RedisPatience = { connectMs: 5000, pingMs: 5000 };
const KEEPALIVE_MS = 10_000;
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 5000;
/** What a peer that is gone is given to agree to the end of a connection. */
const FAREWELL_MS = 500;

/** A connection to a Redis, and what ends it. */
export interface RedisLine {
  readonly redis: Redis;
  close(): Promise<void>;
}

/**
 * Connects to a Redis. A connection that is lost later, or on which nothing is answered any more, is opened again; what was asked on it
 * is asked again.
 *
 * @param onTrouble hears of every attempt that failed
 * @throws {QueueUnreachable} it does not answer now
 */
export async function connectRedis(
  url: string,
  onTrouble: (error: Error) => void,
  patience: Partial<RedisPatience> = {},
): Promise<RedisLine> {
  const { connectMs, pingMs } = { ...PATIENCE, ...patience };
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    disconnectTimeout: FAREWELL_MS,
    keepAlive: KEEPALIVE_MS,
    // Workers block on their connection, which ioredis would otherwise give up on.
    maxRetriesPerRequest: null,
    // What was a primary is a replica now: its address leads to another, or will.
    reconnectOnError: ({ message }) => message.includes('READONLY'),
    retryStrategy: (times) => Math.min(FIRST_RETRY_MS * times, MAX_RETRY_MS),
  });
  boundGreetings(redis, connectMs);
  await firstConnection(redis, url, connectMs);
  redis.on('error', onTrouble);
  const watching = watch(redis, pingMs);
  return {
    redis,
    close: async () => {
      clearInterval(watching);
      await redis.quit().catch(() => redis.disconnect());
    },
  };
}

async function firstConnection(redis: Redis, url: string, connectMs: number): Promise<void> {
  let reason = `no answer in ${connectMs} ms`;
  const hear = (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message.slice(0, 100);
  };
  redis.on('error', hear);
  try {
    await atMost(connectMs, redis.connect(), () => {
      throw new Error(reason);
    });
  } catch {
    redis.disconnect();
    throw new QueueUnreachable(hostOf(url), reason);
  } finally {
    redis.off('error', hear);
  }
}

/**
 * Drops a connection on which the Redis does not tell of itself in time, which it is asked for first: ioredis bounds only how long one takes
 * to open. So it is with each copy, on which a worker of BullMQ's waits for jobs.
 */
function boundGreetings(redis: Redis, connectMs: number): void {
  let late: NodeJS.Timeout | undefined;
  const settle = () => clearTimeout(late);
  redis.on('connect', () => {
    late = setTimeout(() => redis.disconnect(true), connectMs);
  });
  redis.on('ready', settle);
  redis.on('close', settle);
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (override) => {
    const copy = duplicate(override);
    boundGreetings(copy, connectMs);
    return copy;
  };
}

/** Drops a connection on which a question is still open when the next one is due. */
function watch(redis: Redis, pingMs: number): NodeJS.Timeout {
  let isWaiting = false;
  redis.on('close', () => {
    isWaiting = false;
  });
  return setInterval(() => {
    if (redis.status !== 'ready') return;
    if (isWaiting) {
      redis.disconnect(true);
      return;
    }
    isWaiting = true;
    const answered = () => {
      isWaiting = false;
    };
    redis.ping().then(answered, answered);
  }, pingMs);
}

/** SECURITY: without user and password. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the configured address';
}

/** The queue's Redis does not answer at the start. */
export class QueueUnreachable extends BridgeError<{ host: string; reason: string }> {
  readonly code = 'QUEUE_UNREACHABLE';
  readonly disposition = 'retry';
  constructor(host: string, reason: string) {
    const message = `No answer from the queue's Redis at ${host} (${reason}); is it up, and is the address right?`;
    super(message, { host, reason });
  }
}
