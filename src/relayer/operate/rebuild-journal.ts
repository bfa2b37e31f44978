import { sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { RelayerConfig } from '../../config/relayer.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { Database } from '../journal/database.ts';
import { JournalFolderError, removeDatabase } from '../journal/journal-folder.ts';
import {
  batches,
  claims,
  commits,
  controlMessages,
  cursors,
  messages,
  releases,
  stateChanges,
} from '../journal/schema.ts';
import { connectDesk, deskPath } from './desk-socket.ts';
import { openJournal } from './open-journal.ts';

/**
 * What is read from the chains, and revealed by the enclaves, again. What is kept can be read nowhere else: transactions of ours that may
 * be open, and so which nonces are taken; holds of the operator; snapshots, which only enclaves can read and each enclave checks by the
 * anchor; and whose journal it is.
 */
const READ_AGAIN: readonly PgTable[] = [
  messages,
  commits,
  controlMessages,
  batches,
  releases,
  claims,
  stateChanges,
  cursors,
];

/** What a rebuild has forgotten: of a journal that is damaged nothing can be kept. */
export type Forgotten = 'what chains tell' | 'everything';

/**
 * Forgets everything in a relayer's journal that the chains tell again, so that the next start reads it from `fromBlock` on. Either all of
 * it is forgotten or nothing. An embedded journal that is damaged is removed: that is safe, since the next transaction of an account takes
 * the nonce that the chain says and the next snapshot is made in its time, but holds have to be said again.
 *
 * @throws {JournalBusy} a relayer, or something else, has the journal open
 */
export async function rebuildJournal(config: RelayerConfig): Promise<Forgotten> {
  const { folder, postgresUrl } = config.journal;
  await requireNobody(folder);
  try {
    const { database, close } = await openJournal(config, 'renewed');
    try {
      if (postgresUrl !== undefined) await requireAlone(database);
      await wipe(database);
    } finally {
      await close();
    }
    return 'what chains tell';
  } catch (error) {
    if (!(error instanceof JournalFolderError) || error.code !== 'JOURNAL_CORRUPT') throw error;
    removeDatabase(folder);
    return 'everything';
  }
}

/** @throws {JournalBusy} a relayer runs on the journal in this folder */
export async function requireNobody(folder: string): Promise<void> {
  const running = await connectDesk(deskPath(folder));
  await running?.close();
  if (running !== undefined) throw new JournalBusy({ what: `a relayer runs at ${folder}` });
}

/** Forgets what the chains tell again. */
export async function wipe(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    for (const table of READ_AGAIN) await tx.delete(table);
  });
}

/** Relayers, and the status API, keep connections open as long as they run, wherever they do. */
async function requireAlone(database: Database): Promise<void> {
  const { rows } = (await database.execute(
    sql`SELECT count(*) AS others FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  )) as unknown as { rows: { others: string }[] };
  const others = Number(rows[0]?.others ?? 0);
  if (others > 0)
    throw new JournalBusy({ what: `${others} other connections to its database are open` });
}

/** Somebody works with the journal. */
export class JournalBusy extends BridgeError<{ what: string }> {
  readonly code = 'CONFIG_JOURNAL_BUSY';
  readonly disposition = 'reject';
  constructor(meta: { what: string }) {
    super(`The journal is in use: ${meta.what}; stop all that uses it first.`, meta);
  }
}
