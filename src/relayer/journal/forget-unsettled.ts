import { and, eq, gte, lte } from 'drizzle-orm';
import type { Database } from './database.ts';
import { commits, controlMessages, messages } from './schema.ts';
import type { BlocksRead } from './state-changes.ts';

/**
 * Forgets what blocks of a closed range have shown and nothing has settled yet: they are read again.
 *
 * @param of the gateway's outbox, or also what the anchor on this chain has logged
 */
export async function forgetUnsettled(
  database: Database,
  { chainId, fromBlock, toBlock }: BlocksRead,
  of: 'the gateway' | 'all contracts',
): Promise<void> {
  const isRead = ({
    blockNumber,
    isFinal,
  }: typeof messages | typeof commits | typeof controlMessages) =>
    and(eq(isFinal, false), gte(blockNumber, fromBlock), lte(blockNumber, toBlock));
  await database.delete(messages).where(and(eq(messages.chainId, chainId), isRead(messages)));
  if (of === 'the gateway') return;
  await database.delete(commits).where(isRead(commits));
  await database.delete(controlMessages).where(isRead(controlMessages));
}
