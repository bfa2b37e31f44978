import { asc, gt } from 'drizzle-orm';
import type { ChainName } from '../../chains/shared/bridged-chain.ts';
import type { StateReason, Subject, TransferState } from '../../protocol/transfer-state.ts';
import type { Database } from './database.ts';
import { stateChanges } from './schema.ts';

/** One step of a message, a release or a commit. Kept for ever. */
export interface StateChange {
  readonly subject: Subject;
  readonly state: TransferState;
  readonly reason: StateReason;
  readonly chain: ChainName;
  readonly blockNumber: number;
  readonly atMs: number;
}

/** A state change with its place in the journal. */
export type JournaledChange = Omit<StateChange, 'subject'> & {
  readonly id: number;
  readonly subject: string;
};

/** Records changes; one that is known already is left as it is. @returns those that were new */
export async function recordChanges(
  database: Database,
  changes: readonly StateChange[],
): Promise<JournaledChange[]> {
  if (changes.length === 0) return [];
  return await database
    .insert(stateChanges)
    .values([...changes])
    .onConflictDoNothing()
    .returning();
}

/** Changes after the one with `id`, oldest first. */
export async function changesAfter(
  database: Database,
  id: number,
  limit = 1000,
): Promise<JournaledChange[]> {
  return await database
    .select()
    .from(stateChanges)
    .where(gt(stateChanges.id, id))
    .orderBy(asc(stateChanges.id))
    .limit(limit);
}
