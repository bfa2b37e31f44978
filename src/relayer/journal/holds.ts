import { asc, eq, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { makeOnce } from './made-statement.ts';
import { type HoldSubject, holds, retries } from './schema.ts';

/** An operator's word that something waits until they say otherwise. */
export interface Hold {
  readonly subject: HoldSubject;
  /** The operator's own words. */
  readonly reason: string;
  /** When it was said, in milliseconds of Unix time. */
  readonly atMs: number;
}

/** Holds a subject; what is said last of it counts. */
export async function placeHold(database: Database, hold: Hold): Promise<void> {
  await database
    .insert(holds)
    .values(hold)
    .onConflictDoUpdate({
      target: holds.subject,
      set: { reason: sql`excluded.reason`, atMs: sql`excluded.at_ms` },
    });
}

/** @returns whether it was held */
export async function liftHold(database: Database, subject: HoldSubject): Promise<boolean> {
  const lifted = await database.delete(holds).where(eq(holds.subject, subject)).returning();
  return lifted.length > 0;
}

/** All that is held now, by subject. */
export async function holdsOn(database: Database): Promise<Hold[]> {
  return await allHolds(database, {});
}

const allHolds = makeOnce([], (database) =>
  database.select().from(holds).orderBy(asc(holds.subject)),
);

/** Whether an operator means a lane: by its name, by its name without the enclave, or by `*` for all. */
export function isLaneMeant(said: string, lane: string): boolean {
  const [work = lane] = lane.split(' @ ');
  return ['*', lane, work].includes(said);
}

/** Whether holds are on a lane. */
export function isLaneHeld(all: readonly Hold[], lane: string): boolean {
  return all.some(({ subject }) => {
    const [kind, said] = subject.split(/ (.*)/);
    return kind === 'lane' && said !== undefined && isLaneMeant(said, lane);
  });
}

/** Whether an operator holds the batch of a chain's gateway that begins at `firstIndex`. */
export function isBatchHeld(
  all: readonly Hold[],
  { chainId, firstIndex }: { readonly chainId: bigint; readonly firstIndex: bigint },
): boolean {
  return all.some(({ subject }) => subject === `batch ${chainId}/${firstIndex}`);
}

/** Whether an operator holds any batch of a chain's gateway: those behind it wait too. */
export function isBatchHeldOn(all: readonly Hold[], chainId: bigint): boolean {
  return all.some(({ subject }) => subject.startsWith(`batch ${chainId}/`));
}

/** Asks every relayer of this journal to forget that a lane, or with `*` any, has failed, and to try again now. */
export async function askRetry(database: Database, lane: string): Promise<void> {
  await database
    .insert(retries)
    .values({ lane, asked: 1n })
    .onConflictDoUpdate({ target: retries.lane, set: { asked: sql`${retries.asked} + 1` } });
}

/** How often a retry was asked for, by lane: who has seen a lower count has not done it yet. */
export async function retriesAsked(database: Database): Promise<ReadonlyMap<string, bigint>> {
  const rows = await allRetries(database, {});
  return new Map(rows.map(({ lane, asked }) => [lane, asked]));
}

const allRetries = makeOnce([], (database) => database.select().from(retries));
