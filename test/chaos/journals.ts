import type { PGlite } from '@electric-sql/pglite';
import { openEmbedded } from '../../src/relayer/journal/database.ts';
import { rememberReads } from './remember-reads.ts';

type Opened = Awaited<ReturnType<typeof openEmbedded>>;

/** Databases for journals, made when they are needed and used again. */
export class Journals {
  readonly #opened: Promise<Opened>[] = [];

  /** An empty journal of an operator, by place from 0 on. */
  async emptyAt(place: number): Promise<PGlite> {
    this.#opened[place] ??= openRemembering();
    const { pglite } = await this.#opened[place];
    await emptyTables(pglite, { except: [] });
    return pglite;
  }

  async close(): Promise<void> {
    for (const opened of this.#opened) await (await opened).close();
  }
}

async function openRemembering(): Promise<Opened> {
  const opened = await openEmbedded();
  await rememberReads(opened.pglite);
  return opened;
}

/** Forgets all that a journal tells, but for some tables. */
export async function emptyTables(
  pglite: PGlite,
  { except }: { readonly except: readonly string[] },
): Promise<void> {
  const { rows } = await pglite.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const kept = ['journal_version', ...except];
  const names = rows.map(({ name }) => name).filter((name) => !kept.includes(name));
  // Faster than TRUNCATE, which makes files anew and has every statement planned again.
  await pglite.exec(names.map((name) => `DELETE FROM ${name}`).join(';'));
}
