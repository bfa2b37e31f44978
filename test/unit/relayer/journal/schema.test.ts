import { is, sql } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenDatabase, openEmbedded } from '../../../../src/relayer/journal/database.ts';
import * as schema from '../../../../src/relayer/journal/schema.ts';

let journal: OpenDatabase;
beforeAll(async () => {
  journal = await openEmbedded();
}, 60_000);
afterAll(() => journal.close());

test('the migrations make the tables that the queries are written for', async () => {
  const { rows } = (await journal.database.execute(sql`
    SELECT table_name, column_name, data_type, is_nullable = 'NO' AS is_required
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'journal_version'`)) as unknown as {
    rows: { table_name: string; column_name: string; data_type: string; is_required: boolean }[];
  };
  const made = rows.map((row) => [
    `${row.table_name}.${row.column_name}`,
    row.data_type,
    row.is_required,
  ]);
  const written = Object.values(schema)
    .filter((each) => is(each, PgTable))
    .flatMap((table) => columnsOf(table));
  expect(made.sort()).toEqual(written.sort());
});

function columnsOf(table: PgTable) {
  const { name, columns, primaryKeys } = getTableConfig(table);
  const keys = primaryKeys.flatMap((key) => key.columns.map((column) => column.name));
  return columns.map((column) => [
    `${name}.${column.name}`,
    // A series is a number that has a default; precision is no part of the type's name.
    column.getSQLType().replace('bigserial', 'bigint').replace(/\(.*/, ''),
    column.notNull || column.primary || keys.includes(column.name),
  ]);
}
