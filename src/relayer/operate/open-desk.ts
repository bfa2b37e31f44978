import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RelayerConfig } from '../../config/relayer.ts';
import { FolderLockError } from '../../process/folder-lock.ts';
import { BridgeError } from '../../shared/errors.ts';
import { answerDesk } from './desk.ts';
import { connectDesk, type Desk, deskPath } from './desk-socket.ts';
import { openJournal } from './open-journal.ts';

/** As long as a relayer needs to start, or another command of the operator to end. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 200;

/**
 * Opens what answers an operator: the relayer that runs, or else its journal. A relayer that is starting is waited for, and so is another
 * command that has the journal.
 *
 * @param openLeft opens what answers where no relayer runs
 * @throws {JournalAbsent} there is neither @throws {BridgeError} as the journal does that cannot be opened
 */
export async function openDesk(
  config: RelayerConfig,
  openLeft: (config: RelayerConfig) => Promise<Desk> = openLeftDesk,
): Promise<Desk> {
  const path = deskPath(config.journal.folder);
  return await onceFree(async () => (await connectDesk(path)) ?? (await openLeft(config)));
}

/** Opens what one process has at a time, again while another has it, and not for ever. @throws what opening throws */
export async function onceFree<T>(open: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const isTaken = error instanceof FolderLockError && error.code === 'FOLDER_LOCKED';
      if (!isTaken || performance.now() > untilMs) throw error;
    }
    await sleep(AGAIN_MS);
  }
}

async function openLeftDesk(config: RelayerConfig): Promise<Desk> {
  const { database, close } = await openLeftJournal(config);
  const sources = { database, chains: config.chains, nowMs: () => Date.now() };
  return { ask: (question, params) => answerDesk(sources, question, params), close };
}

/** Opens the journal that a relayer has left. @throws {JournalAbsent} @throws {BridgeError} as `openJournal` */
export async function openLeftJournal(config: RelayerConfig): ReturnType<typeof openJournal> {
  const { folder, postgresUrl } = config.journal;
  if (postgresUrl === undefined && !(await exists(folder))) throw new JournalAbsent({ folder });
  return await openJournal(config, 'refused');
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
