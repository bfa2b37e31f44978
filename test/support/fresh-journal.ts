import pg from 'pg';
import {
  type OpenDatabase,
  openEmbedded,
  openPostgres,
} from '../../src/relayer/journal/database.ts';

/** A journal with nothing in it: on the Postgres of POSTGRES_URL, in a database of its own, or embedded where there is none. */
export async function openFreshJournal(): Promise<OpenDatabase & { readonly url?: string }> {
  const postgresUrl = process.env['POSTGRES_URL'];
  if (postgresUrl === undefined) return await openEmbedded();
  const name = `status_${process.pid}_${Date.now()}`;
  const admin = new pg.Client({ connectionString: postgresUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const fresh = new URL(postgresUrl);
  fresh.pathname = `/${name}`;
  const opened = await openPostgres(fresh.href);
  return {
    ...opened,
    url: fresh.href,
    close: async () => {
      await opened.close();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
