import type { Bridge } from '../bridge.ts';
import type { Database } from '../journal/database.ts';
import { recordChanges, type StateChange } from '../journal/state-changes.ts';

/** Records state changes and logs each that is new, once. */
export async function journalChanges(
  bridge: Pick<Bridge, 'log' | 'database'>,
  changes: readonly StateChange[],
  database: Database = bridge.database,
): Promise<void> {
  for (const change of await recordChanges(database, changes)) {
    const { subject, state, reason, chainId, blockNumber } = change;
    bridge.log.info({ subject, state, reason, chainId, block: blockNumber }, `${subject} ${state}`);
  }
}
