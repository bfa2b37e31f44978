import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPglite } from '../../../../src/relayer/journal/open-pglite.ts';

const ROW = `SELECT $1::bigint AS big, $2::boolean AS yes, $3::jsonb AS tree, $4::bytea AS raw, $5::text[] AS words,
  $6::numeric AS exact, $7::text AS nothing`;
const VALUES = [2n ** 62n, true, { a: [1, 'é'] }, new Uint8Array([0, 255]), ['a', 'b"c'], '1.50'];

describe('an embedded database that prepares each statement once', () => {
  let pglite: PGlite;
  beforeAll(async () => {
    pglite = await createPglite();
    await pglite.exec('CREATE TABLE things (id integer PRIMARY KEY, name text NOT NULL)');
  }, 60_000);
  afterAll(() => pglite.close());

  /** As PGlite does it by itself: slowly. */
  const askSlowly = (...args: Parameters<PGlite['query']>) =>
    PGlite.prototype.query.apply(pglite, args);
  const preparedCount = async () => {
    const { rows } = await pglite.query<{ n: number }>(
      'SELECT count(*) AS n FROM pg_prepared_statements',
    );
    return rows[0]?.n;
  };

  it.each([
    ['values of all types, as objects', ROW, [...VALUES, null], {}],
    ['values of all types, as lists', ROW, [...VALUES, null], { rowMode: 'array' }],
    ['parsers of the caller', ROW, [...VALUES, null], { parsers: { 20: (x: string) => x } }],
    ['no rows', 'SELECT id FROM things WHERE id = $1', [-1], {}],
    ['a statement without values', 'SELECT 1 AS one', [], {}],
    ['a statement that is too long to keep', `SELECT ${'1 + '.repeat(900)} $1::int AS n`, [5], {}],
    ['rows that change', 'UPDATE things SET name = $1 WHERE id > $2', ['x', 0], {}],
  ] as const)(
    'answers %s like the slow way, the first time and the second',
    async (...[, text, params, options]) => {
      const slow = await askSlowly(text, [...params], options);
      expect(await pglite.query(text, [...params], options)).toEqual(slow);
      expect(await pglite.query(text, [...params], options)).toEqual(slow);
    },
  );

  it('parses a statement once', async () => {
    const text = 'SELECT $1::int + 1 AS next';
    await pglite.query(text, [1]);
    const before = await preparedCount();
    expect((await pglite.query(text, [41])).rows).toEqual([{ next: 42 }]);
    expect(await preparedCount()).toBe(before);
  });

  it('keeps no more than a few hundred of them', async () => {
    for (let i = 0; i < 250; i++) await pglite.query(`SELECT ${i} AS n`);
    expect(await preparedCount()).toBeLessThanOrEqual(200);
    expect((await pglite.query('SELECT 0 AS n')).rows).toEqual([{ n: 0 }]);
  });

  it('rolls a transaction back when a statement of it fails, and answers the same statement after that', async () => {
    const add = 'INSERT INTO things VALUES ($1, $2)';
    const failing = pglite.transaction(async (tx) => {
      await tx.query(add, [1, 'one']);
      await tx.query(add, [1, 'again']);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect((await pglite.query(add, [1, 'one'])).affectedRows).toBe(1);
  });

  it('refuses a statement of a transaction that is over', async () => {
    const tx = await pglite.transaction(async (open) => open);
    await expect(tx.query('SELECT 1')).rejects.toThrow('closed');
  });

  it('prepares again what no longer fits a table that was made anew', async () => {
    const read = () => pglite.query('SELECT * FROM passing');
    await pglite.exec('CREATE TABLE passing (n integer); INSERT INTO passing VALUES (1)');
    expect((await read()).rows).toEqual([{ n: 1 }]);
    await pglite.exec('ALTER TABLE passing ALTER n TYPE text, ADD m boolean DEFAULT true');
    await expect(read()).rejects.toMatchObject({ code: '0A000' });
    expect((await read()).rows).toEqual([{ n: '1', m: true }]);
  });
});
