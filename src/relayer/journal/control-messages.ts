import { and, asc, count, eq, gte, inArray, lte, sql } from 'drizzle-orm';
import { CONTROL_KINDS } from '../../protocol/control.ts';
import type { Database } from './database.ts';
import { controlMessages } from './schema.ts';

/** A control message as the anchor's event tells it: a hint until the enclave has replayed it. */
export type ControlRow = typeof controlMessages.$inferSelect;

/** Records control messages; a later reading of the same index replaces an earlier one unless that was final. */
export async function recordControl(
  database: Database,
  rows: readonly ControlRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await database
    .insert(controlMessages)
    .values([...rows])
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
      setWhere: sql`NOT ${controlMessages.isFinal} OR excluded.is_final`,
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

/** How many control messages are final, of those sent up to an instant or of all. */
export async function finalControlCount(database: Database, sentUpToSec?: bigint): Promise<bigint> {
  const [row] = await database
    .select({ rows: count() })
    .from(controlMessages)
    .where(
      and(
        isFinal,
        sentUpToSec === undefined ? undefined : lte(controlMessages.sentAtSec, sentUpToSec),
      ),
    );
  return BigInt(row?.rows ?? 0);
}

/** The first index of which there is no final message, whatever lies behind it. */
export async function firstMissingControl(database: Database): Promise<bigint> {
  const rows = await database
    .select({ index: controlMessages.index })
    .from(controlMessages)
    .where(isFinal)
    .orderBy(asc(controlMessages.index));
  const gap = rows.findIndex(({ index }, place) => index !== BigInt(place));
  return BigInt(gap < 0 ? rows.length : gap);
}

/** Forgets control messages from an index on: they did not replay to the proven head. */
export async function forgetControl(database: Database, fromIndex: bigint): Promise<void> {
  await database.delete(controlMessages).where(gte(controlMessages.index, fromIndex));
}
