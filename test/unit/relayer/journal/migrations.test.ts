import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, requireNotNewer } from '../../../../src/relayer/journal/database.ts';
import { MIGRATIONS, RETIRED_VERSION } from '../../../../src/relayer/journal/migrations.ts';
import { openPglite } from '../../../../src/relayer/journal/open-pglite.ts';
import { requireReadable } from '../../../../src/relayer/journal/open-to-read.ts';

const NEWEST = RETIRED_VERSION + MIGRATIONS.length;
/** What is emptied for the next statement is never left between the two. */
const OLDER = Array.from(MIGRATIONS, (_, i) => RETIRED_VERSION + i).filter(
  (version) => !MIGRATIONS[version - RETIRED_VERSION - 1]?.startsWith('TRUNCATE'),
);
const ROWS = 3;

let pglite: PGlite;
beforeAll(async () => {
  pglite = await openPglite();
}, 60_000);
afterAll(() => pglite.close());

interface Column {
  readonly table_name: string;
  readonly column_name: string;
  readonly data_type: string;
  readonly is_nullable: string;
}

/** Gives every journal a schema of its own, which its statements find. */
async function useSchema(name: string): Promise<void> {
  await pglite.exec(`CREATE SCHEMA ${name}; SET search_path TO ${name}`);
}

async function columns(): Promise<Column[]> {
  const { rows } = await pglite.query<Column>(
    `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name <> 'journal_version' ORDER BY 1, 2`,
  );
  return rows;
}

/** A journal as the relayer of that version has left it. */
async function journalOf(version: number): Promise<void> {
  await pglite.exec('CREATE TABLE journal_version (version integer NOT NULL)');
  await pglite.exec(`INSERT INTO journal_version VALUES (${version})`);
  await pglite.exec(MIGRATIONS.slice(0, version - RETIRED_VERSION).join(';\n'));
  await fill();
}

/** Gives every table some rows, whatever its columns mean. */
async function fill(): Promise<void> {
  const inserts: string[] = [];
  for (const [table, of] of Map.groupBy(await columns(), (column) => column.table_name)) {
    const names = of.map(({ column_name }) => `"${column_name}"`);
    for (let row = 1; row <= ROWS; row++) {
      const values = of.map(({ data_type }) => literalOf(data_type, row));
      inserts.push(`INSERT INTO ${table} (${names}) VALUES (${values})`);
    }
  }
  await pglite.exec(inserts.join(';\n'));
}

function literalOf(type: string, row: number): string {
  if (type === 'text') return `'0x0${row}'`;
  if (type === 'boolean') return 'true';
  if (type.startsWith('timestamp')) return 'now()';
  if (type === 'bytea') return `'\\x0${row}'`;
  return `${row}`;
}

async function countOf(table: string): Promise<number> {
  const { rows } = await pglite.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  return rows[0]?.n ?? 0;
}

describe('a journal of an older version', () => {
  let newest: Column[];
  beforeAll(async () => {
    await useSchema('fresh');
    await migrate(drizzle(pglite));
    newest = await columns();
  });

  it.each(OLDER)(
    'that is filled, of version %s, is brought to the newest form',
    async (version) => {
      await useSchema(`of_${version}`);
      await journalOf(version);
      const before = new Set((await columns()).map(({ table_name }) => table_name));
      await migrate(drizzle(pglite));
      expect(await columns()).toEqual(newest);
      const { rows } = await pglite.query('SELECT max(version) AS version FROM journal_version');
      expect(rows).toEqual([{ version: NEWEST }]);
      // What only one journal knows survives every version; cursors are taken back where all is to be read again.
      for (const table of ['submissions', 'snapshots', 'holds'].filter((name) =>
        before.has(name),
      )) {
        expect(await countOf(table), table).toBe(ROWS);
      }
    },
  );

  it('of an older relayer is refused to whoever must not change it, and one that is not there yet is made', async () => {
    await useSchema('older');
    await journalOf(NEWEST - 1);
    const before = await columns();
    await expect(migrate(drizzle(pglite), 'refused')).rejects.toMatchObject({
      code: 'JOURNAL_OLDER',
      disposition: 'reject',
      meta: { found: NEWEST - 1, known: NEWEST },
    });
    expect(await columns()).toEqual(before);
    await useSchema('none_yet');
    await migrate(drizzle(pglite), 'refused');
    expect(await columns()).toEqual(newest);
  });

  it('of a newer relayer is refused, and stays as it is', async () => {
    await useSchema('newer');
    await journalOf(NEWEST);
    await pglite.exec(`INSERT INTO journal_version VALUES (${NEWEST + 2})`);
    await expect(migrate(drizzle(pglite))).rejects.toMatchObject({
      code: 'JOURNAL_NEWER',
      disposition: 'halt',
      meta: { found: NEWEST + 2, known: NEWEST },
    });
    expect(await countOf('holds')).toBe(ROWS);
  });

  it('of a newer relayer is refused to whoever only reads too, and one that is not there yet is no newer one', async () => {
    await useSchema('newer_to_read');
    await journalOf(NEWEST);
    await expect(requireReadable(drizzle(pglite))).resolves.toBeUndefined();
    await pglite.exec(`INSERT INTO journal_version VALUES (${NEWEST + 2})`);
    await expect(requireReadable(drizzle(pglite))).rejects.toMatchObject({
      code: 'JOURNAL_NEWER',
      meta: { found: NEWEST + 2, known: NEWEST },
    });
    await useSchema('none_to_read');
    await expect(requireNotNewer(drizzle(pglite))).resolves.toBeUndefined();
  });
});
