import { and, eq, inArray } from 'drizzle-orm';
import { publicTags } from '../../protocol/transfer-tags.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Database } from './database.ts';
import { messages } from './schema.ts';

/**
 * The tags that public refunds among these releases can have: those of messages that one of the recipients sent, for a
 * public refund goes to the sender. Only these are computed, however many messages there are.
 */
export async function publicRefundTags(
  database: Database,
  { chainId, gateway }: { readonly chainId: bigint; readonly gateway: Hex },
  releases: readonly { readonly recipient: Hex }[],
): Promise<ReadonlySet<Hex>> {
  if (releases.length === 0) return new Set();
  const recipients = [...new Set(releases.map(({ recipient }) => recipient))];
  const sent = await database
    .select({ index: messages.index })
    .from(messages)
    .where(and(eq(messages.chainId, chainId), inArray(messages.sender, recipients)));
  return new Set(sent.map(({ index }) => publicTags({ chainId, index }, gateway).refund));
}
