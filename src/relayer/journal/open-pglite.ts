import {
  PGlite,
  type PGliteOptions,
  type QueryOptions,
  type Results,
  type Transaction,
} from '@electric-sql/pglite';
import { JournalFolderError, makeDatabase, requireRoom, requireUsable } from './journal-folder.ts';
import { PreparedPglite } from './prepared-pglite.ts';

/** The schema of BullMQ's tables, beside the journal's own, which are in `public`. */
export const QUEUE_SCHEMA = 'bullmq';

/**
 * What a database of a few thousand rows and one session needs. Postgres's own defaults are for a server: its shared memory is filled with
 * zeros at the start, which alone makes 128 MB resident, and its log of writes may grow to 1 GB, which in memory is 1 GB of it.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '8MB',
  max_wal_size: '32MB',
  min_wal_size: '4MB',
  maintenance_work_mem: '4MB',
  // One session serves the journal and the queue; no table's name is in both schemas.
  search_path: `public,${QUEUE_SCHEMA}`,
};

/** Arguments that start PGlite with {@link SETTINGS}. */
const START_PARAMS = [
  ...PGlite.defaultStartParams,
  ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

/** Files of the log of writes, 1 MB instead of 16. */
const INIT_PARAMS = ['--wal-segsize=1'];

const UPKEEP_EVERY_MS = 120_000;

/**
 * Opens the embedded database that keeps its files in `folder`, or in memory without one, and sees to its upkeep until it is closed.
 *
 * @throws {JournalFolderError} JOURNAL_UNWRITABLE, JOURNAL_FULL, JOURNAL_UNMADE; JOURNAL_CORRUPT: what is in the folder cannot be opened
 */
export async function openPglite(folder?: string): Promise<PGlite> {
  const pglite = folder === undefined ? await createPglite() : await openFolder(folder);
  keepTidy(pglite);
  return pglite;
}

async function openFolder(folder: string): Promise<PGlite> {
  requireUsable(folder);
  await makeDatabase(folder);
  try {
    return await createPglite(folder);
  } catch (error) {
    if (error instanceof JournalFolderError) throw error;
    const what = error instanceof Error ? error.message : 'no reason given';
    throw new JournalFolderError('JOURNAL_CORRUPT', { folder, what });
  }
}

/** Opens it with the least memory; a folder that has no database yet gets one, which takes 400 MB for some seconds. */
export async function createPglite(folder?: string): Promise<PGlite> {
  const options = { startParams: START_PARAMS, initDbStartParams: INIT_PARAMS };
  const pglite =
    folder === undefined ? new PreparedPglite(options) : new RoomyPglite(folder, options);
  await pglite.waitReady;
  return pglite;
}

/** Begins nothing while its disk has no room. @throws {JournalFolderError} JOURNAL_FULL */
class RoomyPglite extends PreparedPglite {
  readonly #folder: string;

  constructor(folder: string, options: PGliteOptions) {
    super(folder, options);
    this.#folder = folder;
  }

  override async query<T>(
    text: string,
    params?: unknown[],
    options?: QueryOptions,
  ): Promise<Results<T>> {
    requireRoom(this.#folder);
    return await super.query<T>(text, params, options);
  }

  override async exec(text: string, options?: QueryOptions): Promise<Results[]> {
    requireRoom(this.#folder);
    return await super.exec(text, options);
  }

  override async transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T> {
    requireRoom(this.#folder);
    return await super.transaction(run);
  }
}

function keepTidy(pglite: PGlite): void {
  const timer = setInterval(() => {
    if (pglite.closed) clearInterval(timer);
    // What cannot be written now cannot be by the journal's next statement either, whose failure is heard.
    else tidy(pglite).catch(() => undefined);
  }, UPKEEP_EVERY_MS);
  timer.unref();
}

/**
 * What a server's background processes do and a single session lacks: room of rows that were replaced or deleted is used again, and the log
 * of writes begins anew. Without it both grow as long as the relayer runs.
 */
export async function tidy(pglite: PGlite): Promise<void> {
  await pglite.exec('VACUUM');
  await pglite.exec('CHECKPOINT');
}
