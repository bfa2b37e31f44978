import type { Bridge } from '../bridge.ts';
import type { Database } from '../journal/database.ts';
import { recordChanges, type StateChange } from '../journal/state-changes.ts';

/** Records state changes and logs each that is new, once. */
export async function journalChanges(
  bridge: Pick<Bridge, 'log' | 'database'>,
  changes: readonly StateChange[],
  database: Database = bridge.database,
): Promise<void> {
  for (const { subject, state, reason, chain, blockNumber } of await recordChanges(
    database,
    changes,
  )) {
    bridge.log.info({ subject, state, reason, chain, block: blockNumber }, `${subject} ${state}`);
  }
}
