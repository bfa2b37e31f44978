import { and, eq, inArray } from 'drizzle-orm';
import { publicTags } from '../../protocol/transfer-tags.ts';
import type { Hex } from '../../shared/bytes.ts';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import { messages } from './schema.ts';

/**
 * The tags that public refunds among these releases can have: those of messages that name one of the recipients for it.
 * Only these are computed, however many messages there are.
 */
export async function publicRefundTags(
  database: Database,
  { chainId, gateway }: { readonly chainId: bigint; readonly gateway: Hex },
  releases: readonly { readonly recipient: Hex }[],
): Promise<ReadonlySet<Hex>> {
  const recipients = [...new Set(releases.map(({ recipient }) => recipient))];
  const tags = new Set<Hex>();
  for (const some of chunksOf(recipients, MAX_ROWS_AT_ONCE)) {
    const named = await database
      .select({ index: messages.index })
      .from(messages)
      .where(and(eq(messages.chainId, chainId), inArray(messages.refundTo, some)));
    for (const { index } of named) tags.add(publicTags({ chainId, index }, gateway).refund);
  }
  return tags;
}
