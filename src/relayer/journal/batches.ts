import { and, asc, desc, eq, gt, gte, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import { encodeJson } from '../../codec/json.ts';
import {
  MAX_BATCH_RELEASES,
  positionAfterBatch,
  type ReleaseBatch,
} from '../../protocol/release.ts';
import type { Hex } from '../../shared/bytes.ts';
import { chunksOf } from '../../shared/chunks.ts';
import { hexOf } from '../../shared/hex-schema.ts';
import { type Database, MAX_ROWS_AT_ONCE } from './database.ts';
import { makeOnce } from './made-statement.ts';
import { batches } from './schema.ts';

/** A batch with the signatures that the gateway asks for. */
export interface SignedReleaseBatch {
  readonly epoch: bigint;
  readonly batch: ReleaseBatch;
  /** Whom the signatures let submit it, 20 bytes. */
  readonly submitter: Hex;
  /** By ascending signer address. */
  readonly signatures: readonly Hex[];
}

const integer = z.coerce.bigint();
const storedBatch = z.object({
  chainId: integer,
  gateway: hexOf(20),
  firstIndex: integer,
  prevHead: hexOf(32),
  releases: z.array(
    z.object({
      tag: hexOf(32),
      asset: hexOf(32),
      recipient: hexOf(20),
      amount: integer,
      refundOf: integer,
    }),
  ),
  fees: z.array(z.object({ asset: hexOf(32), amount: integer })),
  consumedCount: integer,
});
const storedSignatures = z.array(hexOf(65));

/** Records revealed batches; signatures of a later reveal replace earlier ones. */
export async function recordBatches(
  database: Database,
  signed: readonly SignedReleaseBatch[],
): Promise<void> {
  for (const some of chunksOf(signed, MAX_ROWS_AT_ONCE)) await recordSome(database, some);
}

async function recordSome(
  database: Database,
  signed: readonly SignedReleaseBatch[],
): Promise<void> {
  await database
    .insert(batches)
    .values(signed.map(encode))
    .onConflictDoUpdate({
      target: [batches.chainId, batches.prevHead],
      set: {
        epoch: sql`excluded.epoch`,
        batch: sql`excluded.batch`,
        submitter: sql`excluded.submitter`,
        signatures: sql`excluded.signatures`,
      },
    });
}

function encode({ epoch, batch, submitter, signatures }: SignedReleaseBatch) {
  const { chainId, prevHead, firstIndex } = batch;
  return {
    chainId,
    prevHead,
    firstIndex,
    epoch,
    submitter,
    batch: encodeJson(batch),
    signatures: encodeJson(signatures),
  };
}

/** The batches of a chain from release `firstIndex` on, in the gateway's order. */
export async function batchesFrom(
  database: Database,
  chainId: bigint,
  firstIndex: bigint,
): Promise<ReleaseBatch[]> {
  const rows = await database
    .select({ batch: batches.batch })
    .from(batches)
    .where(and(eq(batches.chainId, chainId), gte(batches.firstIndex, firstIndex)))
    .orderBy(asc(batches.firstIndex));
  return rows.map(({ batch }) => storedBatch.parse(JSON.parse(batch)));
}

/** How many releases of a chain's gateway have been revealed, counted since it was deployed; 0 before the first. */
export async function revealedCount(database: Database, chainId: bigint): Promise<bigint> {
  const [row] = await database
    .select({ batch: batches.batch })
    .from(batches)
    .where(eq(batches.chainId, chainId))
    .orderBy(desc(batches.firstIndex))
    .limit(1);
  if (row === undefined) return 0n;
  const { firstIndex, releases } = storedBatch.parse(JSON.parse(row.batch));
  return firstIndex + BigInt(releases.length);
}

/** The batch that goes on where the gateway's released head stands. */
export async function batchAfter(
  database: Database,
  chainId: bigint,
  prevHead: Hex,
): Promise<SignedReleaseBatch | undefined> {
  const [row] = await batchBehind(database, { chainId, prevHead });
  return row && decode(row);
}

const batchBehind = makeOnce(['chainId', 'prevHead'], (database, { chainId, prevHead }) =>
  database
    .select()
    .from(batches)
    .where(and(eq(batches.chainId, chainId), eq(batches.prevHead, prevHead))),
);

/** Up to `limit` batches that follow each other, from the one on that goes on where the gateway's released head stands. */
export async function batchesAfter(
  database: Database,
  chainId: bigint,
  { prevHead, limit }: { readonly prevHead: Hex; readonly limit: number },
): Promise<SignedReleaseBatch[]> {
  const first = await batchAfter(database, chainId, prevHead);
  if (first === undefined) return [];
  const { firstIndex } = first.batch;
  const rows = await database
    .select()
    .from(batches)
    .where(and(eq(batches.chainId, chainId), gt(batches.firstIndex, firstIndex)))
    .orderBy(asc(batches.firstIndex))
    .limit(limit - 1);
  const line = [first];
  let { head } = positionAfterBatch(first.batch);
  for (const row of rows) {
    if (row.prevHead !== head) break;
    const next = decode(row);
    line.push(next);
    head = positionAfterBatch(next.batch).head;
  }
  return line;
}

function decode(row: typeof batches.$inferSelect): SignedReleaseBatch {
  return {
    epoch: row.epoch,
    submitter: row.submitter,
    batch: storedBatch.parse(JSON.parse(row.batch)),
    signatures: storedSignatures.parse(JSON.parse(row.signatures)),
  };
}

/** Has a chain's batches from one on revealed anew: the signatures that are in the journal do not count any more. */
export async function forgetBatches(
  database: Database,
  chainId: bigint,
  firstIndex: bigint,
): Promise<void> {
  await database
    .delete(batches)
    .where(and(eq(batches.chainId, chainId), gte(batches.firstIndex, firstIndex)));
}

/**
 * Which of these releases of a chain's gateway give a deposit back, as far as the journal has their batches.
 *
 * @param indexes ascending
 */
export async function refundsAmong(
  database: Database,
  chainId: bigint,
  indexes: readonly bigint[],
): Promise<ReadonlySet<bigint>> {
  const [lowest, highest] = [indexes[0], indexes.at(-1)];
  if (lowest === undefined || highest === undefined) return new Set();
  const rows = await database
    .select({ batch: batches.batch })
    .from(batches)
    .where(
      and(
        eq(batches.chainId, chainId),
        gt(batches.firstIndex, lowest - BigInt(MAX_BATCH_RELEASES)),
        lte(batches.firstIndex, highest),
      ),
    );
  return new Set(rows.flatMap(({ batch }) => refundsIn(storedBatch.parse(JSON.parse(batch)))));
}

function refundsIn({ firstIndex, releases }: ReleaseBatch): bigint[] {
  return releases.flatMap(({ refundOf }, i) => (refundOf === 0n ? [] : [firstIndex + BigInt(i)]));
}
