import { and, eq, gte, lte, type SQL } from 'drizzle-orm';
import type { Database } from './database.ts';
import { type claims, commits, controlMessages, messages, type releases } from './schema.ts';
import type { BlocksRead } from './state-changes.ts';

/**
 * Forgets what blocks of a closed range have shown and nothing has settled yet: they are read again.
 *
 * @param of the gateway's outbox, or also what the anchor on this chain has logged
 */
export async function forgetUnsettled(
  database: Database,
  blocks: BlocksRead,
  of: 'the gateway' | 'all contracts',
): Promise<void> {
  await database
    .delete(messages)
    .where(and(eq(messages.chainId, blocks.chainId), isUnsettled(messages, blocks)));
  if (of === 'the gateway') return;
  await database.delete(commits).where(isUnsettled(commits, blocks));
  await database.delete(controlMessages).where(isUnsettled(controlMessages, blocks));
}

type SettledTable =
  | typeof messages
  | typeof commits
  | typeof controlMessages
  | typeof releases
  | typeof claims;

/** That blocks of a closed range have shown a row that nothing has settled yet. */
export function isUnsettled(
  { blockNumber, isFinal }: SettledTable,
  { fromBlock, toBlock }: BlocksRead,
): SQL | undefined {
  return and(eq(isFinal, false), gte(blockNumber, fromBlock), lte(blockNumber, toBlock));
}
