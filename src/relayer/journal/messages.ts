import { and, asc, eq, gte, lte, sql } from 'drizzle-orm';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import {
  type ChainSpan,
  finalCount,
  inChainSpan,
  newestFinal,
  portionsOf,
  SPAN_NAMES,
} from './index-span.ts';
import { makeOnce } from './made-statement.ts';
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
  return await finalIn(database, { chainId, fromIndex, toBlock, limit });
}

const finalIn = makeOnce(
  ['chainId', 'fromIndex', 'toBlock', 'limit'],
  (database, { chainId, fromIndex, toBlock, limit }) =>
    database
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
      .limit(limit),
);

/** How many of a chain's messages are final; see {@link finalCount}. */
export async function finalMessageCount(database: Database, chainId: bigint): Promise<bigint> {
  return finalCount(await newestOf(database, { chainId }));
}

const newestOf = makeOnce(['chainId'], (database, { chainId }) =>
  newestFinal(database, messages, eq(messages.chainId, chainId)),
);

/** Messages whether or not they are final, in order. */
export async function messagesIn(
  database: Database,
  span: ChainSpan,
  limit: number,
): Promise<MessageRow[]> {
  return await allIn(database, { ...span, limit });
}

const allIn = makeOnce(['chainId', ...SPAN_NAMES, 'limit'], (database, { limit, ...span }) =>
  database
    .select()
    .from(messages)
    .where(inChainSpan(messages, span))
    .orderBy(asc(messages.index))
    .limit(limit),
);

/** Makes messages final. */
export async function settleMessages(database: Database, span: ChainSpan): Promise<void> {
  for (const some of portionsOf(span)) {
    await database.update(messages).set({ isFinal: true }).where(inChainSpan(messages, some));
  }
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
