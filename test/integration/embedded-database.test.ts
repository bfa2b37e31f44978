import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChainError } from '../../src/chains/shared/bridged-chain.ts';
import { cursorBefore, loadCursor, saveCursor } from '../../src/relayer/journal/cursors.ts';
import { openEmbedded } from '../../src/relayer/journal/database.ts';
import { tidy } from '../../src/relayer/journal/open-pglite.ts';
import { saveSnapshot } from '../../src/relayer/journal/snapshots.ts';
import { createJobQueue, jobIdOf } from '../../src/relayer/queue/job-queue.ts';
import { openEmbeddedStore } from '../../src/relayer/queue/job-store.ts';

const parent = mkdtempSync(join(tmpdir(), 'veilspan-embedded-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('one embedded database for the journal and the queue', () => {
  const folder = join(parent, 'relayer');
  let journal: Awaited<ReturnType<typeof openEmbedded>>;
  beforeAll(async () => {
    // As if an earlier first start had been killed in the middle: no file says that a database is here.
    mkdirSync(join(folder, 'new', 'base'), { recursive: true });
    mkdirSync(join(folder, 'global'));
    writeFileSync(join(folder, 'global', 'pg_control'), 'half of it');
    journal = await openEmbedded(folder);
  });
  afterAll(() => journal.close());

  it('is made anew where its first start was cut off', () => {
    expect(existsSync(join(folder, 'PG_VERSION'))).toBe(true);
    expect(existsSync(join(folder, 'new'))).toBe(false);
    expect(statSync(join(folder, 'global', 'pg_control')).size).toBe(8192);
  });

  it('keeps every failure of a job while others make their tables and the journal takes back what it wrote', async () => {
    const store = await openEmbeddedStore(journal.pglite);
    const jobs = Array.from(
      { length: 12 },
      (_, i) => ({ kind: 'release', id: `chain ${i}` }) as const,
    );
    const lost: Error[] = [];
    const queue = await createJobQueue({
      store,
      run: async () => {
        throw new ChainError('CHAIN_SIGNER_INVALID', { chain: 'ethereum', what: 'no key' });
      },
      onFailure: () => undefined,
    });
    const readers: Queue[] = [];
    const others = jobs.map(async (_, i) => {
      const reader = store.createQueue();
      readers.push(reader);
      await reader.waitUntilReady();
      const undone = journal.database.transaction(async (tx) => {
        await saveCursor(tx, 77n, cursorBefore(i));
        throw new Error('killed here');
      });
      await undone.catch((error: Error) => error.message === 'killed here' || lost.push(error));
    });
    await Promise.all([...others, ...jobs.map((job) => queue.add(job))]);
    const kept = async () => {
      const all = await Promise.all(jobs.map((job) => readers[0]?.getJob(jobIdOf(job))));
      return all.map((job) => job?.failedReason);
    };
    await expect
      .poll(kept, { timeout: 60_000 })
      .toEqual(jobs.map(() => expect.stringContaining('no key')));
    expect(lost).toEqual([]);
    expect(await loadCursor(journal.database, 77n)).toBeUndefined();
    for (const reader of readers) await reader.close();
    await queue.close();
  });

  it('begins with an empty queue, whatever another run has left', async () => {
    const left = (await openEmbeddedStore(journal.pglite)).createQueue();
    await left.add('release', { id: '1' });
    expect(await left.getJobCounts('waiting')).toEqual({ waiting: 1 });
    await left.close();
    const fresh = (await openEmbeddedStore(journal.pglite)).createQueue();
    expect(await fresh.getJobCounts('waiting')).toEqual({ waiting: 0 });
    await fresh.close();
  });

  it('does not grow by what is replaced', async () => {
    const sizeOf = (name: string): number =>
      readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce(
          (sum, { parentPath, name: file }) => sum + statSync(join(parentPath, file)).size,
          0,
        );
    const keep = async (from: number, to: number) => {
      for (let number = from; number < to; number++) {
        await saveSnapshot(journal.database, {
          number: BigInt(number),
          chunks: [randomBytes(400_000)],
        });
        await tidy(journal.pglite);
      }
    };
    await keep(0, 4);
    const before = sizeOf('base');
    await keep(4, 16);
    expect(sizeOf('base') - before).toBeLessThan(800_000);
    expect(sizeOf('pg_wal')).toBeLessThan(8 * 2 ** 20);
  });
});
