import type { Logger } from 'pino';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import { recordChanges, type StateChange } from './state-changes.ts';

/** Where changes are kept and told of. */
export interface ChangeLog {
  readonly database: Database;
  readonly log: Logger;
}

/** Records state changes and logs each that is new, once. There may be more of them than are held in memory at a time. */
export async function journalChanges(
  { database, log }: ChangeLog,
  changes: Iterable<StateChange>,
): Promise<void> {
  for (const some of portionsOf(changes)) {
    for (const change of await recordChanges(database, some)) {
      const { subject, state, reason, chainId, blockNumber } = change;
      log.info({ subject, state, reason, chainId, block: blockNumber }, `${subject} ${state}`);
    }
  }
}

function* portionsOf(changes: Iterable<StateChange>): Generator<StateChange[]> {
  let some: StateChange[] = [];
  for (const change of changes) {
    some.push(change);
    if (some.length < MAX_ROWS_AT_ONCE) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
