import { sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { probes } from './schema.ts';

/** Writes a row and has it written for good: a database that only reads, or whose disk is full, is found out. @throws {JournalError} */
export async function probeJournal(database: Database): Promise<void> {
  await database
    .insert(probes)
    .values({ id: 1, written: 1n })
    .onConflictDoUpdate({ target: probes.id, set: { written: sql`${probes.written} + 1` } });
}
