import type { Logger } from 'pino';
import type { Database } from './database.ts';
import { recordChanges, type StateChange } from './state-changes.ts';

/** Where changes are kept and told of. */
export interface ChangeLog {
  readonly database: Database;
  readonly log: Logger;
}

/** Records state changes and logs each that is new, once. */
export async function journalChanges(
  { database, log }: ChangeLog,
  changes: readonly StateChange[],
): Promise<void> {
  for (const change of await recordChanges(database, changes)) {
    const { subject, state, reason, chainId, blockNumber } = change;
    log.info({ subject, state, reason, chainId, block: blockNumber }, `${subject} ${state}`);
  }
}
