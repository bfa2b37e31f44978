import type { RelayerConfig } from '../../config/relayer.ts';
import { lockFolder } from '../../process/folder-lock.ts';
import {
  type OlderForm,
  type OpenDatabase,
  openEmbedded,
  openPostgres,
} from '../journal/database.ts';

/**
 * Opens a relayer's journal for a command of its operator. The embedded one is one process's: it is locked as long as it is open, against
 * a relayer that is starting too.
 *
 * @throws {BridgeError} another process holds it, or it cannot be opened
 */
export async function openJournal(
  { journal }: Pick<RelayerConfig, 'journal'>,
  older: OlderForm,
): Promise<Pick<OpenDatabase, 'database' | 'close'>> {
  if (journal.postgresUrl !== undefined) {
    return await openPostgres(journal.postgresUrl.reveal(), { older });
  }
  const lock = await lockFolder(journal.folder);
  try {
    const { database, close } = await openEmbedded(journal.folder, older);
    return { database, close: () => close().finally(() => lock.release()) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
