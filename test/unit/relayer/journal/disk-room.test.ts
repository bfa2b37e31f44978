import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cursorBefore, loadCursor, saveCursor } from '../../../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openEmbedded } from '../../../../src/relayer/journal/database.ts';
import { openEmbeddedStore } from '../../../../src/relayer/queue/job-store.ts';

// A disk that fills up, and is emptied again: what the real one does then is to hang the whole process, so it must never come to it.
const disk = vi.hoisted(() => ({ freeBytes: 2 ** 40 }));
vi.mock('node:fs', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:fs')>()),
  statfsSync: () => ({ bavail: disk.freeBytes / 4096, bsize: 4096 }),
}));

const parent = mkdtempSync(join(tmpdir(), 'veilspan-room-'));
const folder = join(parent, 'relayer');
const full = { code: 'JOURNAL_FULL', disposition: 'retry' };
let journal: OpenDatabase;
beforeAll(async () => {
  expect(statfsSync(folder).bsize).toBe(4096);
  journal = await openEmbedded(folder);
}, 120_000);
afterAll(async () => {
  await journal.close();
  rmSync(parent, { recursive: true });
});

it('begins no statement, no transaction and no job while the disk has no room, and goes on once it has', async () => {
  const { database, pglite } = journal;
  const queue = (await openEmbeddedStore(pglite)).createQueue();
  await queue.waitUntilReady();
  disk.freeBytes = 4096 * 1000;
  await expect(saveCursor(database, 1n, cursorBefore(8))).rejects.toMatchObject(full);
  await expect(
    database.transaction((tx) => saveCursor(tx, 1n, cursorBefore(9))),
  ).rejects.toMatchObject(full);
  await expect(queue.add('release', { id: '1' })).rejects.toMatchObject(full);
  disk.freeBytes = 2 ** 40;
  expect(await loadCursor(database, 1n)).toBeUndefined();
  await saveCursor(database, 1n, cursorBefore(10));
  expect(await loadCursor(database, 1n)).toBe(9);
  await queue.close();
});

it('is not opened on a disk without room', async () => {
  disk.freeBytes = 0;
  await expect(openEmbedded(join(parent, 'other'))).rejects.toMatchObject(full);
});

describe('where the process that makes its files ends early', () => {
  const before = process.env['NODE_OPTIONS'];
  beforeEach(() => {
    process.env['NODE_OPTIONS'] = '--no-such-option';
    disk.freeBytes = 2 ** 40;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  });

  it('is told not to have been made, and nothing of it is left', async () => {
    const unmade = join(parent, 'unmade');
    await expect(openEmbedded(unmade)).rejects.toMatchObject({
      code: 'JOURNAL_UNMADE',
      meta: { folder: unmade, what: 'its process ended with 9' },
    });
    expect(readdirSync(unmade)).toEqual([]);
  });

  it('is told to have no room if there is none by then', async () => {
    const filled = join(parent, 'filled');
    const opening = openEmbedded(filled);
    disk.freeBytes = 0;
    await expect(opening).rejects.toMatchObject(full);
    expect(readdirSync(filled)).toEqual([]);
  });
});
