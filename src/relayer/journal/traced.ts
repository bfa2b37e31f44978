import { and, desc, eq, gt, inArray, lte, min } from 'drizzle-orm';
import type { Database } from './database.ts';
import { lastChangeId } from './lookups.ts';
import { messages, releases, stateChanges, traced } from './schema.ts';

// How far a collector of traces has been told of the journal, and what traces are made of beside state changes.

/** Id of the last state change that a collector was told of; undefined before the first time. */
export async function loadTraced(database: Database): Promise<number | undefined> {
  const [row] = await database.select().from(traced);
  return row?.changeId;
}

/** Where no collector was ever told of anything: has it told of what is journaled from now on. @returns where that begins, or has begun */
export async function beginTraced(database: Database): Promise<number> {
  const changeId = await lastChangeId(database);
  await database.insert(traced).values({ id: 1, changeId }).onConflictDoNothing();
  return (await loadTraced(database)) ?? changeId;
}

/** Notes up to which state change a collector was told. */
export async function saveTraced(database: Database, changeId: number): Promise<void> {
  await database
    .insert(traced)
    .values({ id: 1, changeId })
    .onConflictDoUpdate({ target: traced.id, set: { changeId } });
}

/** State changes after one that are too many to be told of. */
export interface TooMany {
  readonly count: number;
  /** Id of the last of them. */
  readonly last: number;
}

/** Of the state changes after one all but the newest `most`; undefined if there are no more than those. Ids have gaps. */
export async function tooManyAfter(
  database: Database,
  id: number,
  most: number,
): Promise<TooMany | undefined> {
  const [last] = await database
    .select({ id: stateChanges.id })
    .from(stateChanges)
    .where(gt(stateChanges.id, id))
    .orderBy(desc(stateChanges.id))
    .offset(most)
    .limit(1);
  if (last === undefined) return undefined;
  const isAmong = and(gt(stateChanges.id, id), lte(stateChanges.id, last.id));
  return { count: await database.$count(stateChanges, isAmong), last: last.id };
}

/** When messages of a chain were sent, in seconds of Unix time, by index; at most a few thousand at a time. */
export async function sentTimes(
  database: Database,
  chainId: bigint,
  indexes: readonly bigint[],
): Promise<ReadonlyMap<bigint, bigint>> {
  const rows = await database
    .select({ index: messages.index, sentAtSec: messages.sentAtSec })
    .from(messages)
    .where(and(eq(messages.chainId, chainId), inArray(messages.index, [...indexes])));
  return new Map(rows.map(({ index, sentAtSec }) => [index, sentAtSec]));
}

/**
 * Where the batches of releases begin, by the releases' indexes: at the first that the same transaction released, which is all that a
 * chain shows of a batch.
 */
export async function batchStarts(
  database: Database,
  chainId: bigint,
  indexes: readonly bigint[],
): Promise<ReadonlyMap<bigint, bigint>> {
  const { index, blockNumber, transactionHash } = releases;
  const rows = await database
    .select({ index, blockNumber, transactionHash })
    .from(releases)
    .where(and(eq(releases.chainId, chainId), inArray(index, [...indexes])));
  const blocks = [...new Set(rows.map((row) => row.blockNumber))];
  if (blocks.length === 0) return new Map();
  const firsts = await database
    .select({ transactionHash, first: min(index) })
    .from(releases)
    .where(and(eq(releases.chainId, chainId), inArray(blockNumber, blocks)))
    .groupBy(transactionHash);
  const firstOf = new Map(firsts.map(({ transactionHash, first }) => [transactionHash, first]));
  return new Map(rows.map((row) => [row.index, firstOf.get(row.transactionHash) ?? row.index]));
}
