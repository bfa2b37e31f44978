import { and, asc, count, eq, gte, lte, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { messages } from './schema.ts';

/** A deposit as its event tells it: a hint until the enclave has replayed it. */
export type MessageRow = typeof messages.$inferSelect;

/** Records messages; a later reading of the same index replaces an earlier one unless that was final. */
export async function recordMessages(
  database: Database,
  rows: readonly MessageRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await database
    .insert(messages)
    .values([...rows])
    .onConflictDoUpdate({
      target: [messages.chainId, messages.index],
      set: {
        sender: sql`excluded.sender`,
        asset: sql`excluded.asset`,
        amount: sql`excluded.amount`,
        fee: sql`excluded.fee`,
        destination: sql`excluded.destination`,
        envelope: sql`excluded.envelope`,
        blockNumber: sql`excluded.block_number`,
        blockHash: sql`excluded.block_hash`,
        transactionHash: sql`excluded.transaction_hash`,
        isFinal: sql`excluded.is_final`,
      },
      setWhere: sql`NOT ${messages.isFinal} OR excluded.is_final`,
    });
}

/** Above the number of any block. */
export const ANY_BLOCK = 2 ** 31 - 1;

interface MessageRange {
  readonly chainId: bigint;
  readonly fromIndex: bigint;
  /** Last block whose messages are wanted. */
  readonly toBlock: number;
}

/** Final messages from an index on, up to a block, in order. */
export async function finalMessages(
  database: Database,
  { chainId, fromIndex, toBlock }: MessageRange,
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
    .orderBy(asc(messages.index));
}

/** How many of a chain's messages are final. */
export async function finalMessageCount(database: Database, chainId: bigint): Promise<bigint> {
  const [row] = await database
    .select({ rows: count() })
    .from(messages)
    .where(and(eq(messages.chainId, chainId), eq(messages.isFinal, true)));
  return BigInt(row?.rows ?? 0);
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
