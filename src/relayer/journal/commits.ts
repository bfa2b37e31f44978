import { and, asc, count, desc, eq, gt, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { CommitSeen } from '../../chains/shared/decode-logs.ts';
import { encodeJson } from '../../codec/json.ts';
import type { Database } from './database.ts';
import { commits } from './schema.ts';

const storedCursors = z.array(z.object({ chainId: z.coerce.bigint(), count: z.coerce.bigint() }));

/** Records commits; a later reading of the same number replaces an earlier one unless that was final. */
export async function recordCommits(
  database: Database,
  rows: readonly CommitSeen[],
): Promise<void> {
  if (rows.length === 0) return;
  await database
    .insert(commits)
    .values(rows.map(encode))
    .onConflictDoUpdate({
      target: commits.number,
      set: {
        round: sql`excluded.round`,
        asOf: sql`excluded.as_of`,
        prevState: sql`excluded.prev_state`,
        postState: sql`excluded.post_state`,
        inputs: sql`excluded.inputs`,
        control: sql`excluded.control`,
        paid: sql`excluded.paid`,
        beneficiary: sql`excluded.beneficiary`,
        blockNumber: sql`excluded.block_number`,
        isFinal: sql`excluded.is_final`,
        transactionHash: sql`excluded.transaction_hash`,
      },
      setWhere: sql`NOT ${commits.isFinal} OR excluded.is_final`,
    });
}

function encode(row: CommitSeen): typeof commits.$inferInsert {
  return { ...row, inputs: encodeJson(row.inputs), paid: encodeJson(row.paid) };
}

/** A commit as it was seen, of the journal's row. */
export function decodeCommit(row: typeof commits.$inferSelect): CommitSeen {
  const cursors = (text: string) => storedCursors.parse(JSON.parse(text));
  return { ...row, inputs: cursors(row.inputs), paid: cursors(row.paid) };
}

/** The commits after number `after` up to `upTo`, in order. */
export async function commitsBetween(
  database: Database,
  { after, upTo }: { readonly after: bigint; readonly upTo: bigint },
): Promise<CommitSeen[]> {
  const rows = await database
    .select()
    .from(commits)
    .where(and(gt(commits.number, after), lte(commits.number, upTo)))
    .orderBy(asc(commits.number));
  return rows.map(decodeCommit);
}

/** The commit with this number, if it was seen. */
export async function commitOf(
  database: Database,
  number: bigint,
): Promise<CommitSeen | undefined> {
  const [row] = await commitsBetween(database, { after: number - 1n, upTo: number });
  return row;
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

/** How many commits are final. */
export async function finalCommitCount(database: Database): Promise<bigint> {
  const [row] = await database
    .select({ rows: count() })
    .from(commits)
    .where(eq(commits.isFinal, true));
  return BigInt(row?.rows ?? 0);
}

/** Block of the last final commit before the first that is missing; undefined if that is the first of all. */
export async function blockBeforeMissing(database: Database): Promise<number | undefined> {
  const placed = database
    .select({
      number: commits.number,
      blockNumber: commits.blockNumber,
      place: sql<bigint>`row_number() OVER (ORDER BY ${commits.number})`.as('place'),
    })
    .from(commits)
    .where(eq(commits.isFinal, true))
    .as('placed');
  const [row] = await database
    .select({ blockNumber: placed.blockNumber })
    .from(placed)
    .where(eq(placed.number, placed.place))
    .orderBy(desc(placed.number))
    .limit(1);
  return row?.blockNumber;
}
