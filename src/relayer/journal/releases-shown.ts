import { and, eq, gt, inArray, lte } from 'drizzle-orm';
import { RELEASE_REASONS, releaseIndexOf } from '../../protocol/transfer-state.ts';
import type { Database } from './database.ts';
import { stateChanges } from './schema.ts';

/** The releases that a chain's blocks after `afterBlock` up to `toBlock` show its gateway to have dealt with, by index. */
export async function releasesShown(
  database: Database,
  span: { readonly chainId: bigint; readonly afterBlock: number; readonly toBlock: number },
): Promise<ReadonlySet<bigint>> {
  const rows = await database
    .selectDistinct({ subject: stateChanges.subject })
    .from(stateChanges)
    .where(
      and(
        eq(stateChanges.chainId, span.chainId),
        gt(stateChanges.blockNumber, span.afterBlock),
        lte(stateChanges.blockNumber, span.toBlock),
        inArray(stateChanges.reason, RELEASE_REASONS),
      ),
    );
  return new Set(rows.map(({ subject }) => releaseIndexOf(subject)));
}
