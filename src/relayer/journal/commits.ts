import { and, asc, desc, eq, gt, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { CommitSeen } from '../../chains/shared/decode-logs.ts';
import { encodeJson } from '../../codec/json.ts';
import type { Database } from './database.ts';
import { commits } from './schema.ts';

type Row = typeof commits.$inferSelect;

/** A commit as the anchor logged it, and whether its batches are in the journal. */
export type CommitRow = CommitSeen & { readonly isRevealed: boolean };

const storedInputs = z.array(z.object({ chainId: z.coerce.bigint(), count: z.coerce.bigint() }));

/** Records commits; whether one is revealed is kept. */
export async function recordCommits(
  database: Database,
  rows: readonly CommitSeen[],
): Promise<void> {
  if (rows.length === 0) return;
  await database
    .insert(commits)
    .values(rows.map((row) => ({ ...row, inputs: encodeJson(row.inputs), isRevealed: false })))
    .onConflictDoUpdate({
      target: commits.number,
      set: {
        prevState: sql`excluded.prev_state`,
        postState: sql`excluded.post_state`,
        inputs: sql`excluded.inputs`,
        beneficiary: sql`excluded.beneficiary`,
        blockNumber: sql`excluded.block_number`,
        isFinal: sql`excluded.is_final`,
      },
      setWhere: sql`NOT ${commits.isFinal} OR excluded.is_final`,
    });
}

function decode(row: Row): CommitRow {
  return { ...row, inputs: storedInputs.parse(JSON.parse(row.inputs)) };
}

/** The commits after number `after` up to `upTo`, in order. */
export async function commitsBetween(
  database: Database,
  { after, upTo }: { readonly after: bigint; readonly upTo: bigint },
): Promise<CommitRow[]> {
  const rows = await database
    .select()
    .from(commits)
    .where(and(gt(commits.number, after), lte(commits.number, upTo)))
    .orderBy(asc(commits.number));
  return rows.map(decode);
}

/** The commit with this number, if it was seen. */
export async function commitOf(database: Database, number: bigint): Promise<CommitRow | undefined> {
  const [row] = await commitsBetween(database, { after: number - 1n, upTo: number });
  return row;
}

/** Numbers up to `upTo` whose batches are not in the journal yet, in order. */
export async function unrevealedCommits(database: Database, upTo: bigint): Promise<bigint[]> {
  const rows = await database
    .select({ number: commits.number })
    .from(commits)
    .where(and(lte(commits.number, upTo), eq(commits.isRevealed, false)))
    .orderBy(asc(commits.number));
  return rows.map(({ number }) => number);
}

/** Notes that the commit's batches are in the journal. */
export async function markRevealed(database: Database, number: bigint): Promise<void> {
  await database.update(commits).set({ isRevealed: true }).where(eq(commits.number, number));
}

/** Has the commit revealed anew: the signatures that are in the journal do not count any more. */
export async function markUnrevealed(database: Database, number: bigint): Promise<void> {
  await database.update(commits).set({ isRevealed: false }).where(eq(commits.number, number));
}

/** Number of the newest commit that is final; undefined before the first. */
export async function lastFinalCommit(database: Database): Promise<bigint | undefined> {
  const [row] = await database
    .select({ number: commits.number })
    .from(commits)
    .where(eq(commits.isFinal, true))
    .orderBy(desc(commits.number))
    .limit(1);
  return row?.number;
}
