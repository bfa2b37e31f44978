import { and, asc, desc, eq, gte, lt, lte, sql } from 'drizzle-orm';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import { messages } from './schema.ts';

/** A deposit as its event tells it: a hint until the enclave has replayed it. */
export type MessageRow = typeof messages.$inferSelect;

type NewMessage = typeof messages.$inferInsert;

/** Records messages; a later reading of the same index replaces an earlier one unless that is final. */
export async function recordMessages(
  database: Database,
  rows: readonly NewMessage[],
): Promise<void> {
  for (const some of chunksOf(rows, MAX_ROWS_AT_ONCE)) await recordSome(database, some);
}

async function recordSome(database: Database, rows: NewMessage[]): Promise<void> {
  await database
    .insert(messages)
    .values(rows)
    .onConflictDoUpdate({
      target: [messages.chainId, messages.index],
      set: {
        sentAtSec: sql`excluded.sent_at_sec`,
        sender: sql`excluded.sender`,
        refundTo: sql`excluded.refund_to`,
        asset: sql`excluded.asset`,
        amount: sql`excluded.amount`,
        fee: sql`excluded.fee`,
        destination: sql`excluded.destination`,
        envelope: sql`excluded.envelope`,
        blockNumber: sql`excluded.block_number`,
        isFinal: sql`excluded.is_final`,
        transactionHash: sql`excluded.transaction_hash`,
      },
      setWhere: eq(messages.isFinal, false),
    });
}

/** Above the number of any block. */
export const ANY_BLOCK = 2 ** 31 - 1;

interface MessageRange {
  readonly chainId: bigint;
  readonly fromIndex: bigint;
  /** Last block whose messages are wanted. */
  readonly toBlock: number;
  /** How many are wanted at most: there may be more than fit a memory. */
  readonly limit: number;
}

/** Final messages from an index on, up to a block, in order. */
export async function finalMessages(
  database: Database,
  { chainId, fromIndex, toBlock, limit }: MessageRange,
): Promise<MessageRow[]> {
  return await database
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.chainId, chainId),
        gte(messages.index, fromIndex),
        lte(messages.blockNumber, toBlock),
        eq(messages.isFinal, true),
      ),
    )
    .orderBy(asc(messages.index))
    .limit(limit);
}

/** How many of a chain's messages are final: none of them is missing, so the highest index says it. */
export async function finalMessageCount(database: Database, chainId: bigint): Promise<bigint> {
  const [row] = await database
    .select({ index: messages.index })
    .from(messages)
    .where(and(eq(messages.chainId, chainId), eq(messages.isFinal, true)))
    .orderBy(desc(messages.index))
    .limit(1);
  return row === undefined ? 0n : row.index + 1n;
}

/** A chain's messages in an order of indexes, up to a block. */
export interface MessageSpan {
  readonly chainId: bigint;
  readonly fromIndex: bigint;
  /** The first index that is not wanted. */
  readonly endIndex: bigint;
  readonly toBlock: number;
}

function inSpan({ chainId, fromIndex, endIndex, toBlock }: MessageSpan) {
  return and(
    eq(messages.chainId, chainId),
    gte(messages.index, fromIndex),
    lt(messages.index, endIndex),
    lte(messages.blockNumber, toBlock),
  );
}

/** Messages whether or not they are final, in order. */
export async function messagesIn(
  database: Database,
  span: MessageSpan,
  limit: number,
): Promise<MessageRow[]> {
  return await database
    .select()
    .from(messages)
    .where(inSpan(span))
    .orderBy(asc(messages.index))
    .limit(limit);
}

/** Makes messages final. */
export async function settleMessages(database: Database, span: MessageSpan): Promise<void> {
  await database.update(messages).set({ isFinal: true }).where(inSpan(span));
}

/** Forgets a chain's messages from an index on: they did not replay to the proven head. */
export async function forgetMessages(
  database: Database,
  chainId: bigint,
  fromIndex: bigint,
): Promise<void> {
  await database
    .delete(messages)
    .where(and(eq(messages.chainId, chainId), gte(messages.index, fromIndex)));
}
