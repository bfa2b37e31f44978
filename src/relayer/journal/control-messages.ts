import { and, asc, desc, eq, gte, inArray, lt, lte, sql } from 'drizzle-orm';
import { CONTROL_KINDS } from '../../protocol/control.ts';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import { controlMessages } from './schema.ts';

/** A control message as the anchor's event tells it: a hint until the enclave has replayed it. */
export type ControlRow = typeof controlMessages.$inferSelect;

/** Records control messages; a later reading of the same index replaces an earlier one unless that is final. */
export async function recordControl(
  database: Database,
  rows: readonly ControlRow[],
): Promise<void> {
  for (const some of chunksOf(rows, MAX_ROWS_AT_ONCE)) await recordSome(database, some);
}

async function recordSome(database: Database, rows: ControlRow[]): Promise<void> {
  await database
    .insert(controlMessages)
    .values(rows)
    .onConflictDoUpdate({
      target: controlMessages.index,
      set: {
        sentAtSec: sql`excluded.sent_at_sec`,
        round: sql`excluded.round`,
        kind: sql`excluded.kind`,
        payload: sql`excluded.payload`,
        blockNumber: sql`excluded.block_number`,
        isFinal: sql`excluded.is_final`,
      },
      setWhere: eq(controlMessages.isFinal, false),
    });
}

const isFinal = eq(controlMessages.isFinal, true);

interface ControlRange {
  readonly fromIndex: bigint;
  /** Last block whose messages are wanted. */
  readonly toBlock: number;
  readonly limit: number;
}

/** Final control messages from an index on, up to a block, in order. */
export async function finalControl(
  database: Database,
  { fromIndex, toBlock, limit }: ControlRange,
): Promise<ControlRow[]> {
  return await database
    .select()
    .from(controlMessages)
    .where(
      and(
        isFinal,
        gte(controlMessages.index, fromIndex),
        lte(controlMessages.blockNumber, toBlock),
      ),
    )
    .orderBy(asc(controlMessages.index))
    .limit(limit);
}

/** Every final message that suspends a chain or resumes one, in order: few, for governance says so little. */
export async function suspensions(database: Database): Promise<ControlRow[]> {
  const kinds = [CONTROL_KINDS.suspend, CONTROL_KINDS.resume];
  return await database
    .select()
    .from(controlMessages)
    .where(and(isFinal, inArray(controlMessages.kind, kinds)))
    .orderBy(asc(controlMessages.index));
}

/** How many control messages are final: none of them is missing, so the highest index says it. */
export async function finalControlCount(database: Database): Promise<bigint> {
  const [row] = await database
    .select({ index: controlMessages.index })
    .from(controlMessages)
    .where(isFinal)
    .orderBy(desc(controlMessages.index))
    .limit(1);
  return row === undefined ? 0n : row.index + 1n;
}

/** Control messages in an order of indexes, up to a block. */
export interface ControlSpan {
  readonly fromIndex: bigint;
  /** The first index that is not wanted. */
  readonly endIndex: bigint;
  readonly toBlock: number;
}

function inSpan({ fromIndex, endIndex, toBlock }: ControlSpan) {
  return and(
    gte(controlMessages.index, fromIndex),
    lt(controlMessages.index, endIndex),
    lte(controlMessages.blockNumber, toBlock),
  );
}

/** Control messages whether or not they are final, in order. */
export async function controlIn(
  database: Database,
  span: ControlSpan,
  limit: number,
): Promise<ControlRow[]> {
  return await database
    .select()
    .from(controlMessages)
    .where(inSpan(span))
    .orderBy(asc(controlMessages.index))
    .limit(limit);
}

/** Makes control messages final. */
export async function settleControl(database: Database, span: ControlSpan): Promise<void> {
  await database.update(controlMessages).set({ isFinal: true }).where(inSpan(span));
}

/** Forgets control messages from an index on: they did not replay to the proven head. */
export async function forgetControl(database: Database, fromIndex: bigint): Promise<void> {
  await database.delete(controlMessages).where(gte(controlMessages.index, fromIndex));
}
