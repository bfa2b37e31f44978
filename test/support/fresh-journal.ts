import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { openFreshPostgres } from './fresh-postgres.ts';

/** A journal with nothing in it: on the Postgres of POSTGRES_URL, or embedded where there is none. */
export async function openFreshJournal(): Promise<OpenDatabase & { readonly url?: string }> {
  const url = process.env['POSTGRES_URL'];
  return url === undefined ? await openEmbedded() : await openFreshPostgres(url);
}
