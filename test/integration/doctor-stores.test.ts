import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/config/secret.ts';
import { openPostgres } from '../../src/relayer/journal/database.ts';
import {
  askPostgres,
  judgeForm,
  judgePostgres,
  queueChecks,
} from '../../src/relayer/operate/examine-stores.ts';

const { POSTGRES_URL: postgresUrl, REDIS_URL: redisUrl } = process.env;

describe.skipIf(postgresUrl === undefined)(
  'a Postgres that the doctor asks (skipped: POSTGRES_URL names no server)',
  () => {
    it('is left as it is, and has the form of this release once a relayer has opened it', async () => {
      const name = `doctor_${process.pid}_${Date.now()}`;
      const admin = new pg.Client({ connectionString: postgresUrl ?? '' });
      await admin.connect();
      await admin.query(`CREATE DATABASE ${name}`);
      const url = new URL(postgresUrl ?? '');
      url.pathname = `/${name}`;
      try {
        const empty = await askPostgres(url.href);
        expect(empty).toMatchObject({ journal: undefined, isStandby: false, mayCreate: true });
        expect(judgePostgres(empty).map(({ verdict }) => verdict)).not.toContain('fail');
        expect((await askPostgres(url.href)).journal).toBeUndefined();
        await (await openPostgres(url.href)).close();
        const made = judgeForm(await askPostgres(url.href));
        expect(made).toMatchObject({ verdict: 'ok', says: expect.stringMatching(/^version \d+$/) });
      } finally {
        await admin.query(`DROP DATABASE ${name}`);
        await admin.end();
      }
    });
  },
);

describe('a Redis that the doctor asks', () => {
  const look = (url: string) => queueChecks({ queue: { redisUrl: new Secret(url) } })[0]?.look();

  it.skipIf(redisUrl === undefined)(
    'says its version and what it evicts by (skipped: REDIS_URL names no server)',
    async () => {
      const found = await look(redisUrl ?? '');
      expect(found?.says).toMatch(/^version \d+\.\d+\.\d+, evicts by [a-z-]+/);
      expect(found?.verdict).not.toBe('fail');
    },
  );

  it('that is away is a check that fails', async () => {
    await expect(look('redis://127.0.0.1:1')).rejects.toThrow();
  });
});
