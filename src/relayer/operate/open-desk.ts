import { stat } from 'node:fs/promises';
import type { RelayerConfig } from '../../config/relayer.ts';
import { BridgeError } from '../../shared/errors.ts';
import { answerDesk } from './desk.ts';
import { connectDesk, type Desk, deskPath } from './desk-socket.ts';
import { openJournal } from './open-journal.ts';

/**
 * Opens what answers an operator: the relayer that runs, or else its journal.
 *
 * @throws {JournalAbsent} there is neither @throws {BridgeError} as the journal does that cannot be opened
 */
export async function openDesk(config: RelayerConfig): Promise<Desk> {
  const running = await connectDesk(deskPath(config.journal.folder));
  if (running !== undefined) return running;
  const { database, close } = await openLeftJournal(config);
  const sources = { database, nowMs: () => Date.now() };
  return { ask: (question, params) => answerDesk(sources, question, params), close };
}

/** Opens the journal that a relayer has left. @throws {JournalAbsent} @throws {BridgeError} as `openJournal` */
export async function openLeftJournal(config: RelayerConfig): ReturnType<typeof openJournal> {
  const { folder, postgresUrl } = config.journal;
  if (postgresUrl === undefined && !(await exists(folder))) throw new JournalAbsent({ folder });
  return await openJournal(config);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** There is no journal, and no relayer runs. */
export class JournalAbsent extends BridgeError<{ folder: string }> {
  readonly code = 'CONFIG_JOURNAL_ABSENT';
  readonly disposition = 'reject';
  constructor(meta: { folder: string }) {
    super(
      `There is no journal at ${meta.folder} and no relayer runs there: start in the folder that the relayer is started in, or start it first.`,
      meta,
    );
  }
}
