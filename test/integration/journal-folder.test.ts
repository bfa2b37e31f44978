import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayerConfig } from '../../src/config/relayer.ts';
import { cursorBefore, loadCursor, saveCursor } from '../../src/relayer/journal/cursors.ts';
import { openEmbedded } from '../../src/relayer/journal/database.ts';
import { holdsOn, placeHold } from '../../src/relayer/journal/holds.ts';
import { saveSnapshot, snapshotNumbers } from '../../src/relayer/journal/snapshots.ts';
import { openDesk } from '../../src/relayer/operate/open-desk.ts';
import { rebuildJournal } from '../../src/relayer/operate/rebuild-journal.ts';

const parent = mkdtempSync(join(tmpdir(), 'veilspan-folder-'));
const whole = join(parent, 'whole');
const SECONDS = 20_000;

const DAMAGES: readonly (readonly [string, (folder: string) => void])[] = [
  ['its control file is cut off', (folder) => truncateSync(join(folder, 'global/pg_control'), 100)],
  [
    'its log of writes is gone',
    (folder) => {
      for (const name of logsIn(folder)) rmSync(join(folder, 'pg_wal', name));
    },
  ],
  ['its catalogue is cut off', (folder) => truncateSync(join(folder, 'base/5/1259'), 1000)],
  ['another Postgres made it', (folder) => writeFileSync(join(folder, 'PG_VERSION'), '9\n')],
];

const logsIn = (folder: string) =>
  readdirSync(join(folder, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name));

// CAST: of the configuration only the journal is looked at.
const rebuild = (folder: string) => rebuildJournal({ journal: { folder } } as RelayerConfig);

let copies = 0;
function damaged(damage: (folder: string) => void): string {
  copies += 1;
  const folder = join(parent, `copy ${copies}`);
  cpSync(whole, folder, { recursive: true });
  damage(folder);
  return folder;
}

beforeAll(async () => {
  const { database, close } = await openEmbedded(whole);
  await saveCursor(database, 31337n, cursorBefore(8));
  await placeHold(database, { subject: 'lane commit', reason: 'an upgrade', atMs: 1 });
  await saveSnapshot(database, { number: 64n, chunks: [Uint8Array.of(7)] });
  await close();
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('a folder that no journal can be kept in', () => {
  it.each(DAMAGES)(
    'is told to be damaged, within seconds, when %s',
    async (_, damage) => {
      const folder = damaged(damage);
      await expect(openEmbedded(folder)).rejects.toMatchObject({
        code: 'JOURNAL_CORRUPT',
        disposition: 'halt',
        meta: { folder },
      });
    },
    SECONDS,
  );

  it('is told when it cannot be written', async () => {
    const file = join(parent, 'a file');
    writeFileSync(file, '');
    const folder = join(file, 'relayer');
    await expect(openEmbedded(folder)).rejects.toMatchObject({
      code: 'JOURNAL_UNWRITABLE',
      meta: { folder, what: 'ENOTDIR' },
    });
  });
});

describe('a journal that is rebuilt', () => {
  it('loses what chains tell, and nothing else', async () => {
    const folder = damaged(() => undefined);
    expect(await rebuild(folder)).toBe('what chains tell');
    const { database, close } = await openEmbedded(folder);
    expect(await loadCursor(database, 31337n)).toBeUndefined();
    expect(await holdsOn(database)).toHaveLength(1);
    expect(await snapshotNumbers(database)).toEqual([64n]);
    await close();
  });

  it('is made anew when it is damaged, and no other file of its folder is touched', async () => {
    const folder = damaged((at) => rmSync(join(at, 'global'), { recursive: true }));
    writeFileSync(join(folder, 'notes.txt'), 'keep');
    expect(await rebuild(folder)).toBe('everything');
    expect(readdirSync(folder)).toEqual(['notes.txt']);
    const { database, close } = await openEmbedded(folder);
    expect(await loadCursor(database, 31337n)).toBeUndefined();
    await close();
  });
});

it('a journal of an older release is left as it is by commands while no relayer runs', async () => {
  const folder = damaged(() => undefined);
  const made = await openEmbedded(folder);
  await made.database.execute(sql`UPDATE journal_version SET version = version - 1`);
  await made.close();
  // CAST: of the configuration only the journal is looked at.
  const config = { journal: { folder } } as RelayerConfig;
  // The first lets go of the folder, or the second would find it taken.
  for (let tries = 0; tries < 2; tries++) {
    await expect(openDesk(config)).rejects.toMatchObject({ code: 'JOURNAL_OLDER' });
  }
}, 60_000);
