import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChainError } from '../../src/chains/shared/bridged-chain.ts';
import { openPglite, QUEUE_SCHEMA } from '../../src/relayer/journal/open-pglite.ts';
import { createJobQueue, type JobQueue, type JobRef } from '../../src/relayer/queue/job-queue.ts';
import {
  type JobStore,
  openEmbeddedStore,
  openRedisStore,
} from '../../src/relayer/queue/job-store.ts';

const redisUrl = process.env['REDIS_URL'];
const TIMEOUT_MS = 20_000;

interface Seen {
  readonly runs: JobRef[];
  readonly failures: { readonly job: JobRef; readonly code: unknown; readonly isLast: boolean }[];
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('waited too long');
    await sleep(20);
  }
}

/** A store that somebody can empty while it is in use. */
interface WipeableStore extends JobStore {
  wipe(): Promise<void>;
}

/** What the queue promises, whichever store keeps it. */
function describeQueue(name: string, open: () => Promise<WipeableStore>): void {
  describe(`the queue on ${name}`, () => {
    const seen: Seen = { runs: [], failures: [] };
    const outcomes = new Map<string, () => Promise<void>>();
    let store: WipeableStore;
    let queue: JobQueue;

    const runsOf = (id: string) => seen.runs.filter((job) => job.id === id).length;
    const failuresOf = (id: string) => seen.failures.filter(({ job }) => job.id === id);

    beforeAll(async () => {
      store = await open();
      queue = await createJobQueue({
        store,
        failedKeptMs: 2000,
        run: async (job) => {
          seen.runs.push(job);
          await outcomes.get(job.id)?.();
        },
        onFailure: (job, error, isLast) => {
          const { code } = error as { code?: unknown };
          seen.failures.push({ job, code, isLast });
        },
      });
    });
    afterAll(async () => {
      await queue.close();
      await store.close();
    });

    it('runs a job with its kind and id, also one that is all digits or holds a colon', async () => {
      await queue.add({ kind: 'prove', id: '31337' });
      await queue.add({ kind: 'release', id: 'a:b' });
      await until(() => runsOf('31337') === 1 && runsOf('a:b') === 1);
      expect(seen.runs).toContainEqual({ kind: 'prove', id: '31337' });
    });

    it('takes a job once while it runs, and again when it is done', async () => {
      let finish: () => void = () => undefined;
      outcomes.set(
        'slow',
        () =>
          new Promise((resolve) => {
            finish = resolve;
          }),
      );
      await queue.add({ kind: 'commit', id: 'slow' });
      await until(() => runsOf('slow') === 1);
      await queue.add({ kind: 'commit', id: 'slow' });
      finish();
      await sleep(500);
      expect(runsOf('slow')).toBe(1);
      outcomes.delete('slow');
      await queue.add({ kind: 'commit', id: 'slow' });
      await until(() => runsOf('slow') === 2);
    });

    it('tries again what may succeed later', async () => {
      outcomes.set('flaky', async () => {
        if (runsOf('flaky') < 3) {
          throw new ChainError('CHAIN_UNAVAILABLE', { chain: 'ethereum', what: 'no answer' });
        }
      });
      await queue.add({ kind: 'confirm', id: 'flaky' });
      await until(() => runsOf('flaky') === 3);
      expect(failuresOf('flaky')).toEqual([
        expect.objectContaining({ code: 'CHAIN_UNAVAILABLE', isLast: false }),
        expect.objectContaining({ code: 'CHAIN_UNAVAILABLE', isLast: false }),
      ]);
    });

    it('tries a refusal once, and keeps its like away for a while', async () => {
      outcomes.set('refused', async () => {
        throw new ChainError('CHAIN_SIGNER_INVALID', { chain: 'ethereum', what: 'no key' });
      });
      await queue.add({ kind: 'release', id: 'refused' });
      await until(() => failuresOf('refused').length === 1);
      await queue.add({ kind: 'release', id: 'refused' });
      await sleep(800);
      expect(runsOf('refused')).toBe(1);
      expect(failuresOf('refused')).toEqual([
        expect.objectContaining({ code: 'CHAIN_SIGNER_INVALID', isLast: true }),
      ]);
      outcomes.delete('refused');
      await sleep(1500);
      await queue.add({ kind: 'release', id: 'refused' });
      await until(() => runsOf('refused') === 2);
    });

    it('gives a failure that nobody foresaw its own class, and tries again', async () => {
      outcomes.set('strange', async () => {
        if (runsOf('strange') === 1) throw new TypeError('x is undefined');
      });
      await queue.add({ kind: 'follow', id: 'strange' });
      await until(() => runsOf('strange') === 2);
      expect(failuresOf('strange')[0]).toMatchObject({ code: 'RELAYER_UNEXPECTED', isLast: false });
    });

    it('goes on when it is wiped in the middle of a job and of what waits', async () => {
      let finish: () => void = () => undefined;
      outcomes.set(
        'wiped',
        () =>
          new Promise((resolve) => {
            finish = resolve;
          }),
      );
      outcomes.set('broken', async () => {
        throw new ChainError('CHAIN_SIGNER_INVALID', { chain: 'ethereum', what: 'no key' });
      });
      await queue.add({ kind: 'commit', id: 'wiped' });
      await queue.add({ kind: 'commit', id: 'broken' });
      await until(() => runsOf('wiped') === 1 && failuresOf('broken').length === 1);
      await store.wipe();
      finish();
      outcomes.clear();
      // The planner adds what it still finds, again and again.
      for (const id of ['wiped', 'broken', 'after']) await queue.add({ kind: 'commit', id });
      await until(() => runsOf('wiped') === 2 && runsOf('broken') === 2 && runsOf('after') === 1);
    });

    it('tries again at once what an operator means, and takes what had failed for good', async () => {
      const refuse = async () => {
        throw new ChainError('CHAIN_SIGNER_INVALID', { chain: 'ethereum', what: 'no key' });
      };
      outcomes.set('mine', refuse).set('other', refuse);
      for (const id of ['mine', 'other']) await queue.add({ kind: 'reveal', id });
      await until(() => failuresOf('mine').length === 1 && failuresOf('other').length === 1);
      await queue.retry(({ id }) => id === 'mine');
      for (const id of ['mine', 'other']) await queue.add({ kind: 'reveal', id });
      await until(() => runsOf('mine') === 2);
      expect(runsOf('other')).toBe(1);
    });

    it('carries the enclave that a job is for, and takes one job for each', async () => {
      for (const enclave of ['enclave-1', 'enclave-2', 'enclave-2']) {
        await queue.add({ kind: 'prove', id: '7', enclave });
      }
      await until(() => runsOf('7') === 2);
      const enclaves = seen.runs.filter(({ id }) => id === '7').map(({ enclave }) => enclave);
      expect(enclaves.sort()).toEqual(['enclave-1', 'enclave-2']);
    });

    it('tries again in time although the clock was set back by an hour meanwhile', async () => {
      outcomes.set('payout', async () => {
        if (runsOf('payout') > 1) return;
        throw new ChainError('CHAIN_UNAVAILABLE', { chain: 'polkadot', what: 'no answer' });
      });
      const job: JobRef = { kind: 'release', id: 'payout' };
      await queue.add(job);
      await until(() => failuresOf('payout').length === 1);
      const hourBackMs = Date.now() - 3_600_000;
      const clock = vi.spyOn(Date, 'now').mockImplementation(() => hourBackMs);
      try {
        // As the planner does as long as there is the work.
        await expect
          .poll(() => queue.add(job).then(() => runsOf('payout')), { timeout: TIMEOUT_MS })
          .toBeGreaterThanOrEqual(2);
      } finally {
        clock.mockRestore();
      }
    });

    it('runs other jobs while one fails', async () => {
      outcomes.set('bad', async () => {
        throw new ChainError('CHAIN_UNAVAILABLE', { chain: 'polkadot', what: 'no answer' });
      });
      await queue.add({ kind: 'prove', id: 'bad' });
      await queue.add({ kind: 'prove', id: 'good' });
      await until(() => runsOf('good') === 1);
      outcomes.delete('bad');
      await until(() => runsOf('bad') >= 2);
    });
  });
}

describeQueue('the embedded database', async () => {
  const pglite = await openPglite();
  const wipe = async () => {
    await pglite.exec(`DELETE FROM ${QUEUE_SCHEMA}.job; DELETE FROM ${QUEUE_SCHEMA}.meta`);
  };
  return { ...(await openEmbeddedStore(pglite)), wipe, close: () => pglite.close() };
});

describe('the queue on an embedded database that is closed under it', () => {
  const nothing = { run: async () => undefined, onFailure: () => undefined };

  it('leaves the rest of the process its turns, says what is wrong at a bearable pace, and ends', async () => {
    const pglite = await openPglite();
    const troubles: string[] = [];
    const onTrouble = ({ message }: Error) => troubles.push(message);
    const store = await openEmbeddedStore(pglite);
    const queue = await createJobQueue({ store, ...nothing, onTrouble });
    await queue.add({ kind: 'prove', id: 'first' });
    await pglite.close();
    await sleep(700);
    expect(troubles.join()).toContain('PGlite is closed');
    expect(troubles.length).toBeLessThan(10);
    await queue.close();
  });

  it('cannot be created, and leaves nothing running', async () => {
    const pglite = await openPglite();
    const store = await openEmbeddedStore(pglite);
    await pglite.close();
    const creating = createJobQueue({ store, ...nothing });
    await expect(creating).rejects.toThrow('PGlite is closed');
  });
});

if (redisUrl === undefined) {
  it.skip('the queue on Redis (skipped: REDIS_URL is not set)', () => undefined);
} else {
  describeQueue('Redis', async () => {
    const redis = new Redis(redisUrl);
    const wipe = async () => {
      await redis.flushdb();
    };
    await wipe();
    const store = await openRedisStore(redisUrl, () => undefined);
    const close = async () => {
      await store.close();
      await redis.quit();
    };
    return { ...store, wipe, close };
  });

  it('the queue on Redis tells when it cannot be worked on, and goes on when it can', async () => {
    const redis = new Redis(redisUrl);
    const store = await openRedisStore(redisUrl, () => undefined);
    const troubles: string[] = [];
    let runs = 0;
    const queue = await createJobQueue({
      store,
      run: async () => void runs++,
      onFailure: () => undefined,
      onTrouble: ({ message }) => troubles.push(message),
    });
    // Of another kind than BullMQ's.
    await redis.del('bull:relayer:wait');
    await redis.hset('bull:relayer:wait', 'not', 'a list');
    await expect.poll(() => troubles.join(), { timeout: TIMEOUT_MS }).toContain('WRONGTYPE');
    await redis.flushdb();
    await queue.add({ kind: 'prove', id: 'after' });
    await expect.poll(() => runs, { timeout: TIMEOUT_MS }).toBe(1);
    await queue.close();
    await store.close();
    await redis.quit();
  });
}
