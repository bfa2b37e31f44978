import { and, asc, desc, eq, gt, gte, lt, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { CommitSeen } from '../../chains/shared/decode-logs.ts';
import { encodeJson } from '../../codec/json.ts';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import { portionsOf } from './index-span.ts';
import { makeOnce } from './made-statement.ts';
import { commits } from './schema.ts';

const storedCursors = z.array(z.object({ chainId: z.coerce.bigint(), count: z.coerce.bigint() }));

/** Records commits; a later reading of the same number replaces an earlier one unless that is final. */
export async function recordCommits(
  database: Database,
  rows: readonly CommitSeen[],
): Promise<void> {
  for (const some of chunksOf(rows, MAX_ROWS_AT_ONCE)) await recordSome(database, some);
}

async function recordSome(database: Database, rows: readonly CommitSeen[]): Promise<void> {
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
      setWhere: eq(commits.isFinal, false),
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
  return (await commitsIn(database, { after, upTo })).map(decodeCommit);
}

const commitsIn = makeOnce(['after', 'upTo'], (database, { after, upTo }) =>
  database
    .select()
    .from(commits)
    .where(and(gt(commits.number, after), lte(commits.number, upTo)))
    .orderBy(asc(commits.number)),
);

/** Commits in an order of numbers, up to a block. */
export interface CommitSpan {
  readonly after: bigint;
  readonly upTo: bigint;
  readonly toBlock: number;
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
  const [row] = await newestFinal(database, {});
  return row?.number;
}

const newestFinal = makeOnce([], (database) =>
  database
    .select({ number: commits.number })
    .from(commits)
    .where(eq(commits.isFinal, true))
    .orderBy(desc(commits.number))
    .limit(1),
);

/** Makes the commits after number `after` up to `upTo` final, as far as a block up to `toBlock` has them. */
export async function settleCommits(
  database: Database,
  { after, upTo, toBlock }: CommitSpan,
): Promise<void> {
  const { number, blockNumber } = commits;
  for (const { fromIndex, endIndex } of portionsOf({
    fromIndex: after + 1n,
    endIndex: upTo + 1n,
  })) {
    const isAmong = and(gte(number, fromIndex), lt(number, endIndex), lte(blockNumber, toBlock));
    await database.update(commits).set({ isFinal: true }).where(isAmong);
  }
}
