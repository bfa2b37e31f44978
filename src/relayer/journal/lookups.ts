import { and, asc, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { CommitSeen } from '../../chains/shared/decode-logs.ts';
import { listPublicTags } from '../../protocol/transfer-tags.ts';
import type { Hex } from '../../shared/bytes.ts';
import { decodeCommit } from './commits.ts';
import type { Database } from './database.ts';
import type { MessageRow } from './messages.ts';
import { claims, commits, cursors, messages, releases, stateChanges } from './schema.ts';
import type { JournaledChange } from './state-changes.ts';

// What is asked of the journal about one transfer or a few. Nothing of it says what the chains do not show: batches, which are there
// before their chain has them, are in no answer.

/** What a gateway did with a release. */
export type ReleaseRow = typeof releases.$inferSelect;
/** A claim that a gateway has paid. */
export type ClaimRow = typeof claims.$inferSelect;

/** A chain and a place in its outbox or among its releases. */
export interface PlaceInChain {
  readonly chainId: bigint;
  readonly index: bigint;
}

/** Above what a signed 64-bit column holds. */
const OUT_OF_RANGE = 2n ** 63n;

function isHeld({ chainId, index }: PlaceInChain): boolean {
  return chainId < OUT_OF_RANGE && index < OUT_OF_RANGE;
}

/** The message at a place of an outbox, final or not. */
export async function messageAt(
  database: Database,
  place: PlaceInChain,
): Promise<MessageRow | undefined> {
  if (!isHeld(place)) return undefined;
  const [row] = await database
    .select()
    .from(messages)
    .where(and(eq(messages.chainId, place.chainId), eq(messages.index, place.index)));
  return row;
}

/** The messages that a transaction sent, in order, at most `limit`. @param hash 32 bytes */
export async function messagesOfTransaction(
  database: Database,
  hash: Hex,
  limit: number,
): Promise<MessageRow[]> {
  return await database
    .select()
    .from(messages)
    .where(eq(messages.transactionHash, hash))
    .orderBy(asc(messages.chainId), asc(messages.index))
    .limit(limit);
}

/** The newest messages of a chain, at most `limit`, without their envelopes. */
export async function newestMessages(
  database: Database,
  chainId: bigint,
  limit: number,
): Promise<Pick<MessageRow, 'index' | 'destination' | 'sentAtSec'>[]> {
  const { index, destination, sentAtSec } = messages;
  return await database
    .select({ index, destination, sentAtSec })
    .from(messages)
    .where(eq(messages.chainId, chainId))
    .orderBy(desc(messages.index))
    .limit(limit);
}

/** The newest releases of a chain's gateway, at most `limit`. */
export async function newestReleases(
  database: Database,
  chainId: bigint,
  limit: number,
): Promise<ReleaseRow[]> {
  return await database
    .select()
    .from(releases)
    .where(eq(releases.chainId, chainId))
    .orderBy(desc(releases.index))
    .limit(limit);
}

/** The release at a place among those of a gateway, final or not. */
export async function releaseAt(
  database: Database,
  place: PlaceInChain,
): Promise<ReleaseRow | undefined> {
  if (!isHeld(place)) return undefined;
  const [row] = await database
    .select()
    .from(releases)
    .where(and(eq(releases.chainId, place.chainId), eq(releases.index, place.index)));
  return row;
}

/** Releases with one of these tags, on any chain, in order, at most `limit`. */
export async function releasesWithTags(
  database: Database,
  tags: readonly Hex[],
  limit: number,
): Promise<ReleaseRow[]> {
  if (tags.length === 0) return [];
  return await database
    .select()
    .from(releases)
    .where(inArray(releases.tag, [...tags]))
    .orderBy(asc(releases.chainId), asc(releases.index))
    .limit(limit);
}

/**
 * The releases that everyone can tie to a message, in order, at most `limit`: what pays a transparent one, and what gives any back.
 *
 * @param gateway the gateway that took the message, 20 bytes
 */
export async function publicReleasesOf(
  database: Database,
  { gateway, ...place }: PlaceInChain & { readonly gateway: Hex },
  limit: number,
): Promise<ReleaseRow[]> {
  return await releasesWithTags(database, listPublicTags(place, gateway), limit);
}

/** The claims of a release that was put aside, in their order. */
export async function claimsOf(
  database: Database,
  { chainId, index }: PlaceInChain,
): Promise<ClaimRow[]> {
  return await database
    .select()
    .from(claims)
    .where(and(eq(claims.chainId, chainId), eq(claims.index, index)))
    .orderBy(desc(claims.left));
}

/** All changes of these subjects, in the order in which they became known. */
export async function changesOf(
  database: Database,
  subjects: readonly string[],
): Promise<JournaledChange[]> {
  if (subjects.length === 0) return [];
  return await database
    .select()
    .from(stateChanges)
    .where(inArray(stateChanges.subject, [...subjects]))
    .orderBy(asc(stateChanges.id));
}

/** The commits in a block of the anchor's chain. */
export async function commitsInBlock(
  database: Database,
  blockNumber: number,
): Promise<CommitSeen[]> {
  const rows = await database
    .select()
    .from(commits)
    .where(eq(commits.blockNumber, blockNumber))
    .orderBy(asc(commits.number));
  return rows.map(decodeCommit);
}

/** The newest commit that was seen, final or not. */
export async function newestCommit(database: Database): Promise<CommitSeen | undefined> {
  const [row] = await database.select().from(commits).orderBy(desc(commits.number)).limit(1);
  return row && decodeCommit(row);
}

/** State changes after one, in order. They become visible in the order of their ids: see the migration that adds the lock. */
export async function changesAfter(
  database: Database,
  id: number,
  limit: number,
): Promise<JournaledChange[]> {
  return await database
    .select()
    .from(stateChanges)
    .where(gt(stateChanges.id, id))
    .orderBy(asc(stateChanges.id))
    .limit(limit);
}

/** The id of the newest state change; 0 before the first. */
export async function lastChangeId(database: Database): Promise<number> {
  const [row] = await database
    .select({ id: stateChanges.id })
    .from(stateChanges)
    .orderBy(desc(stateChanges.id))
    .limit(1);
  return row?.id ?? 0;
}

/** How far the journal has read a chain, and what it has of it. */
export interface ReadSoFar {
  readonly blockNumber: number | undefined;
  /** One more than the highest index of a final message; 0 before the first. */
  readonly sent: bigint;
  /** One more than the highest index of a final release; 0 before the first. */
  readonly released: bigint;
}

/** How far the journal has come with a chain. */
export async function readSoFar(database: Database, chainId: bigint): Promise<ReadSoFar> {
  const [cursor] = await database.select().from(cursors).where(eq(cursors.chainId, chainId));
  const counts = [messages, releases].map(async (table) => {
    const [row] = await database
      .select({ index: table.index })
      .from(table)
      .where(and(eq(table.chainId, chainId), eq(table.isFinal, true)))
      .orderBy(desc(table.index))
      .limit(1);
    return row === undefined ? 0n : row.index + 1n;
  });
  const [sent = 0n, released = 0n] = await Promise.all(counts);
  return { blockNumber: cursor?.blockNumber, sent, released };
}

/** Payouts of one amount of one asset that a chain's gateway made in one hour. */
export interface HourlyPayouts {
  readonly chainId: bigint;
  readonly asset: Hex;
  readonly amount: bigint;
  /** Start of the hour, in seconds of Unix time. */
  readonly hourSec: bigint;
  readonly count: number;
}

const HOUR_SEC = 3600;

/** Final payouts since an instant, by chain, hour, asset and amount, the newest hour first; at most `limit` rows. */
export async function payoutsPerHour(
  database: Database,
  { sinceSec, limit }: { readonly sinceSec: bigint; readonly limit: number },
): Promise<HourlyPayouts[]> {
  const hourSec = sql<string>`${releases.timeSec} - ${releases.timeSec} % ${sql.raw(`${HOUR_SEC}`)}`;
  const rows = await database
    .select({
      chainId: releases.chainId,
      asset: releases.asset,
      amount: releases.paid,
      hourSec,
      count: sql<string>`count(*)`,
    })
    .from(releases)
    .where(
      and(eq(releases.isFinal, true), gt(releases.paid, 0n), gt(releases.timeSec, sinceSec - 1n)),
    )
    .groupBy(releases.chainId, releases.asset, releases.paid, hourSec)
    .orderBy(desc(hourSec), asc(releases.chainId), asc(releases.asset), asc(releases.paid))
    .limit(limit);
  return rows.flatMap(({ asset, ...row }) =>
    asset === null
      ? []
      : [{ ...row, asset, hourSec: BigInt(row.hourSec), count: Number(row.count) }],
  );
}
