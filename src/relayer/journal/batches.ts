import { and, asc, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { encodeJson } from '../../codec/json.ts';
import type { ReleaseBatch } from '../../protocol/release.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Database } from './database.ts';
import { batches, releases } from './schema.ts';

/** A batch with the signatures that the gateway asks for. */
export interface SignedReleaseBatch {
  readonly commitNumber: bigint;
  readonly epoch: bigint;
  readonly batch: ReleaseBatch;
  /** By ascending signer address. */
  readonly signatures: readonly Hex[];
}

const hexText = z.string().transform((text) => text as Hex);
const integer = z.coerce.bigint();
const storedBatch = z.object({
  chainId: integer,
  gateway: hexText,
  firstIndex: integer,
  prevHead: hexText,
  releases: z.array(
    z.object({ tag: hexText, asset: hexText, recipient: hexText, amount: integer }),
  ),
  fees: z.array(z.object({ asset: hexText, amount: integer })),
});
const storedSignatures = z.array(hexText);

/** Records revealed batches; signatures of a later reveal replace earlier ones. */
export async function recordBatches(
  database: Database,
  signed: readonly SignedReleaseBatch[],
): Promise<void> {
  if (signed.length === 0) return;
  await database
    .insert(batches)
    .values(signed.map(encode))
    .onConflictDoUpdate({
      target: [batches.chainId, batches.prevHead],
      set: {
        epoch: sql`excluded.epoch`,
        batch: sql`excluded.batch`,
        signatures: sql`excluded.signatures`,
      },
    });
}

function encode({ commitNumber, epoch, batch, signatures }: SignedReleaseBatch) {
  const { chainId, prevHead } = batch;
  return {
    chainId,
    prevHead,
    commitNumber,
    epoch,
    batch: encodeJson(batch),
    signatures: encodeJson(signatures),
  };
}

/** The batch that goes on where the gateway's released head stands. */
export async function batchAfter(
  database: Database,
  chainId: bigint,
  prevHead: Hex,
): Promise<SignedReleaseBatch | undefined> {
  const [row] = await database
    .select()
    .from(batches)
    .where(and(eq(batches.chainId, chainId), eq(batches.prevHead, prevHead)));
  return (
    row && {
      commitNumber: row.commitNumber,
      epoch: row.epoch,
      batch: storedBatch.parse(JSON.parse(row.batch)),
      signatures: storedSignatures.parse(JSON.parse(row.signatures)),
    }
  );
}

/** What became of one release, as the gateway's events tell it. */
export type ReleaseRow = typeof releases.$inferSelect;

/** Records releases; a claim is never taken back. */
export async function recordReleases(
  database: Database,
  rows: readonly ReleaseRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await database
    .insert(releases)
    .values([...rows])
    .onConflictDoUpdate({
      target: [releases.chainId, releases.index],
      set: {
        deferReason: sql`excluded.defer_reason`,
        blockNumber: sql`excluded.block_number`,
        blockHash: sql`excluded.block_hash`,
        transactionHash: sql`excluded.transaction_hash`,
        isFinal: sql`excluded.is_final`,
      },
      setWhere: sql`NOT ${releases.isFinal} OR excluded.is_final`,
    });
}

/** Notes that a release that had been put aside was paid. */
export async function markClaimed(
  database: Database,
  chainId: bigint,
  index: bigint,
): Promise<void> {
  await database
    .update(releases)
    .set({ isClaimed: true })
    .where(and(eq(releases.chainId, chainId), eq(releases.index, index)));
}

/** The releases with this tag, in order. */
export async function releasesByTag(database: Database, tag: Hex): Promise<ReleaseRow[]> {
  return await database
    .select()
    .from(releases)
    .where(eq(releases.tag, tag))
    .orderBy(asc(releases.index));
}
