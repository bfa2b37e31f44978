import { and, asc, eq, gte, inArray, lte, sql } from 'drizzle-orm';
import { CONTROL_KINDS } from '../../protocol/control.ts';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import {
  finalCount,
  type IndexSpan,
  inSpan,
  newestFinal,
  portionsOf,
  SPAN_NAMES,
} from './index-span.ts';
import { makeOnce } from './made-statement.ts';
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
  return await finalIn(database, { fromIndex, toBlock, limit });
}

const finalIn = makeOnce(
  ['fromIndex', 'toBlock', 'limit'],
  (database, { fromIndex, toBlock, limit }) =>
    database
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
      .limit(limit),
);

/** Every final message that suspends a chain or resumes one, in order: few, for governance says so little. */
export async function suspensions(database: Database): Promise<ControlRow[]> {
  return await allSuspensions(database, {});
}

const allSuspensions = makeOnce([], (database) =>
  database
    .select()
    .from(controlMessages)
    .where(
      and(isFinal, inArray(controlMessages.kind, [CONTROL_KINDS.suspend, CONTROL_KINDS.resume])),
    )
    .orderBy(asc(controlMessages.index)),
);

/** How many control messages are final; see {@link finalCount}. */
export async function finalControlCount(database: Database): Promise<bigint> {
  return finalCount(await newest(database, {}));
}

const newest = makeOnce([], (database) => newestFinal(database, controlMessages));

/** Control messages whether or not they are final, in order. */
export async function controlIn(
  database: Database,
  span: IndexSpan,
  limit: number,
): Promise<ControlRow[]> {
  return await allIn(database, { ...span, limit });
}

const allIn = makeOnce([...SPAN_NAMES, 'limit'], (database, { limit, ...span }) =>
  database
    .select()
    .from(controlMessages)
    .where(inSpan(controlMessages, span))
    .orderBy(asc(controlMessages.index))
    .limit(limit),
);

/** Makes control messages final. */
export async function settleControl(database: Database, span: IndexSpan): Promise<void> {
  for (const some of portionsOf(span)) {
    await database
      .update(controlMessages)
      .set({ isFinal: true })
      .where(inSpan(controlMessages, some));
  }
}

/** Forgets control messages from an index on: they did not replay to the proven head. */
export async function forgetControl(database: Database, fromIndex: bigint): Promise<void> {
  await database.delete(controlMessages).where(gte(controlMessages.index, fromIndex));
}
