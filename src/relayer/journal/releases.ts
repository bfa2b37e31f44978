import { and, count, desc, eq, isNull, notInArray, sql } from 'drizzle-orm';
import type { ReleaseSeen, SeenLogs } from '../../chains/shared/decode-logs.ts';
import type { Hex } from '../../shared/bytes.ts';
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
import { claims, releases } from './schema.ts';

type NewRelease = typeof releases.$inferInsert;

/**
 * Records what a gateway did with its releases, and which claims it paid. A final row is replaced by nothing. Releases become final by
 * {@link settleReleases}, claims, which nothing counts, with their blocks.
 */
export async function recordReleases(
  database: Database,
  chainId: bigint,
  seen: Pick<SeenLogs, 'releases' | 'skips' | 'claims'> & { readonly isFinal: boolean },
): Promise<void> {
  for (const some of chunksOf(rowsOf(seen), MAX_ROWS_AT_ONCE)) await recordSome(database, some);
  // Whatever was told twice is one claim.
  const paid = new Map(seen.claims.map((claim) => [`${claim.index}/${claim.left}`, claim]));
  for (const some of chunksOf([...paid.values()], MAX_ROWS_AT_ONCE)) {
    const rows = some.map((claim) => ({ ...claim, chainId, isFinal: seen.isFinal }));
    await database
      .insert(claims)
      .values(rows)
      .onConflictDoUpdate({
        target: [claims.chainId, claims.index, claims.left],
        set: {
          recipient: sql`excluded.recipient`,
          amount: sql`excluded.amount`,
          transactionHash: sql`excluded.transaction_hash`,
          blockNumber: sql`excluded.block_number`,
          isFinal: sql`excluded.is_final`,
        },
        setWhere: eq(claims.isFinal, false),
      });
  }
}

async function recordSome(database: Database, rows: NewRelease[]): Promise<void> {
  await database
    .insert(releases)
    .values(rows)
    .onConflictDoUpdate({
      target: [releases.chainId, releases.index],
      set: {
        tag: sql`excluded.tag`,
        asset: sql`excluded.asset`,
        recipient: sql`excluded.recipient`,
        paid: sql`excluded.paid`,
        deferred: sql`excluded.deferred`,
        deferReason: sql`excluded.defer_reason`,
        skipReason: sql`excluded.skip_reason`,
        blockHash: sql`excluded.block_hash`,
        transactionHash: sql`excluded.transaction_hash`,
        blockNumber: sql`excluded.block_number`,
        isFinal: sql`excluded.is_final`,
      },
      setWhere: eq(releases.isFinal, false),
    });
}

/** One row for each release: of one that was paid in part its gateway says two things. */
function rowsOf({ releases, skips }: Pick<SeenLogs, 'releases' | 'skips'>): NewRelease[] {
  const rows = new Map<bigint, NewRelease>();
  for (const release of releases) {
    const row = rows.get(release.index) ?? nothingPaid(release);
    rows.set(release.index, { ...row, ...partOf(release) });
  }
  for (const { skipReason, ...skip } of skips) {
    const row = { ...skip, paid: 0n, deferred: 0n, deferReason: 0, skipReason, isFinal: false };
    rows.set(skip.index, row);
  }
  return [...rows.values()];
}

function nothingPaid({ amount: _, ...release }: ReleaseSeen): NewRelease {
  return { ...release, paid: 0n, deferred: 0n, deferReason: 0, skipReason: null, isFinal: false };
}

function partOf({ amount, deferReason }: ReleaseSeen): Partial<NewRelease> {
  return deferReason === 0 ? { paid: amount } : { deferred: amount, deferReason };
}

/** A block whose time is not known, with releases in it that are final. */
export interface UndatedBlock {
  readonly blockNumber: number;
  readonly blockHash: Hex;
}

/** Final blocks of a chain whose releases lack their time, the newest first. @param without numbers of blocks that are not wanted */
export async function undatedBlocks(
  database: Database,
  chainId: bigint,
  { without, limit }: { readonly without: readonly number[]; readonly limit: number },
): Promise<UndatedBlock[]> {
  return await database
    .selectDistinct({ blockNumber: releases.blockNumber, blockHash: releases.blockHash })
    .from(releases)
    .where(
      and(
        eq(releases.chainId, chainId),
        eq(releases.isFinal, true),
        isNull(releases.timeSec),
        without.length === 0 ? undefined : notInArray(releases.blockNumber, [...without]),
      ),
    )
    .orderBy(desc(releases.blockNumber))
    .limit(limit);
}

/** Notes when the releases of a block were made. @param timeSec seconds of Unix time */
export async function dateReleases(
  database: Database,
  { chainId, blockHash }: { readonly chainId: bigint; readonly blockHash: Hex },
  timeSec: bigint,
): Promise<void> {
  await database
    .update(releases)
    .set({ timeSec })
    .where(and(eq(releases.chainId, chainId), eq(releases.blockHash, blockHash)));
}

/** How many of a gateway's releases are final; see {@link finalCount}. */
export async function finalReleaseCount(database: Database, chainId: bigint): Promise<bigint> {
  return finalCount(await newestOf(database, { chainId }));
}

const newestOf = makeOnce(['chainId'], (database, { chainId }) =>
  newestFinal(database, releases, eq(releases.chainId, chainId)),
);

/** How many releases of a span are known, whether or not they are final. */
export async function releaseCountIn(database: Database, span: ChainSpan): Promise<number> {
  const [row] = await countIn(database, { ...span });
  return row?.rows ?? 0;
}

const countIn = makeOnce(['chainId', ...SPAN_NAMES], (database, span) =>
  database.select({ rows: count() }).from(releases).where(inChainSpan(releases, span)),
);

/** Makes releases final. */
export async function settleReleases(database: Database, span: ChainSpan): Promise<void> {
  for (const some of portionsOf(span)) {
    await database.update(releases).set({ isFinal: true }).where(inChainSpan(releases, some));
  }
}
