import type { StateReason, TransferState } from '../protocol/transfer-state.ts';
import { REASONS } from '../protocol/transfer-state.ts';
import type { Database } from '../relayer/journal/database.ts';
import { type SubjectFilter, subjectsIn } from '../relayer/journal/subjects.ts';
import type { PageAnswer } from './answers.ts';

/** States that a message or a release can be listed by. A batch has none of its own that the chains show. */
export const LISTED_STATES = [
  ...new Set((Object.keys(REASONS) as StateReason[]).map((reason) => REASONS[reason][0])),
].filter((state): state is Exclude<TransferState, 'held' | 'waiting'> => {
  return state !== 'held' && state !== 'waiting';
});

/** A page of the messages, or the releases, that are in a state. */
export async function listSubjects(database: Database, filter: SubjectFilter): Promise<PageAnswer> {
  const { changes, next } = await subjectsIn(database, filter);
  const items = changes.map(({ subject, state, reason, chainId, blockNumber, atMs }) => ({
    id: subject.split(' ')[1] ?? '',
    state,
    reason,
    chainId: `${chainId}`,
    blockNumber,
    seenAt: new Date(atMs).toISOString(),
  }));
  return { items, next: next ?? null };
}
