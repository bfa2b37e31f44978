import { and, eq, gte, inArray, lte, ne, notExists, or } from 'drizzle-orm';
import {
  isShownByBlock,
  type StateReason,
  type Step,
  type Subject,
} from '../../protocol/transfer-state.ts';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import { makeOnce } from './made-statement.ts';
import { holds, stateChanges } from './schema.ts';

/** One step of a message, a release or a batch. Kept for ever, unless its block is replaced before it is final, or what it held goes on. */
export interface StateChange extends Step {
  readonly subject: Subject;
  /** The chain whose block shows it. */
  readonly chainId: bigint;
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
  const recorded: JournaledChange[] = [];
  for (const some of chunksOf(changes, MAX_ROWS_AT_ONCE)) {
    const rows = database.insert(stateChanges).values(some).onConflictDoNothing();
    recorded.push(...(await rows.returning()));
  }
  return recorded;
}

/** Takes back that batches are held, for whatever reason but that an operator still holds them. */
export async function liftHeld(database: Database, subjects: readonly Subject[]): Promise<void> {
  if (subjects.length === 0) return;
  const isOfOne = inArray(stateChanges.subject, [...subjects]);
  const onOne = database.select().from(holds).where(eq(holds.subject, stateChanges.subject));
  const isOver = or(ne(stateChanges.reason, 'held-by-operator'), notExists(onOne));
  await database.delete(stateChanges).where(and(isOfOne, eq(stateChanges.state, 'held'), isOver));
}

/** Blocks of one chain that were read again, in a closed range. */
export interface BlocksRead {
  readonly chainId: bigint;
  readonly fromBlock: number;
  readonly toBlock: number;
}

/**
 * Takes back what blocks of this range once showed and, read again, show no more: a reorganisation has replaced them.
 *
 * @param shown all that the blocks show now
 * @returns what was taken back
 */
export async function takeBackChanges(
  database: Database,
  { chainId, fromBlock, toBlock }: BlocksRead,
  shown: Iterable<StateChange>,
): Promise<JournaledChange[]> {
  const known = await changesIn(database, { chainId, fromBlock, toBlock });
  const gone = findGone(known, shown);
  for (const some of chunksOf(gone, MAX_ROWS_AT_ONCE)) {
    const ids = some.map(({ id }) => id);
    await database.delete(stateChanges).where(inArray(stateChanges.id, ids));
  }
  return gone;
}

const changesIn = makeOnce(
  ['chainId', 'fromBlock', 'toBlock'],
  (database, { chainId, fromBlock, toBlock }) =>
    database
      .select()
      .from(stateChanges)
      .where(
        and(
          eq(stateChanges.chainId, chainId),
          gte(stateChanges.blockNumber, fromBlock),
          lte(stateChanges.blockNumber, toBlock),
        ),
      ),
);

interface Known {
  readonly subject: string;
  readonly reason: StateReason;
  readonly blockNumber: number;
}

/**
 * Of what is known of blocks, what they do not show any more. What has moved to another block is among it, and recorded
 * anew; what enclaves and relayers say does not hang on blocks.
 */
export function findGone<K extends Known>(known: readonly K[], shown: Iterable<Known>): K[] {
  const keyOf = ({ subject, reason, blockNumber }: Known) => `${subject} ${reason} ${blockNumber}`;
  const byBlocks = known.filter(({ reason }) => isShownByBlock(reason));
  // What is shown may be much more than what is known of these blocks.
  const gone = new Map(byBlocks.map((each) => [keyOf(each), each]));
  for (const each of shown) gone.delete(keyOf(each));
  return [...gone.values()];
}
