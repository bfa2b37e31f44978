import pg from 'pg';
import { type OpenDatabase, openPostgres } from '../../src/relayer/journal/database.ts';

let opened = 0;

/** Opens a journal in a database of its own on the server of `url`; what the URL names is not touched. */
export async function openFreshPostgres(
  url: string,
): Promise<OpenDatabase & { readonly url: string }> {
  const name = `journal_${process.pid}_${Date.now()}_${opened++}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const fresh = new URL(url);
  fresh.pathname = `/${name}`;
  const journal = await openPostgres(fresh.href);
  return {
    ...journal,
    url: fresh.href,
    close: async () => {
      await journal.close();
      await admin.query(`DROP DATABASE ${name}`);
      await admin.end();
    },
  };
}
