import { asc } from 'drizzle-orm';
import type { Database } from '../../src/relayer/journal/database.ts';
import { stateChanges } from '../../src/relayer/journal/schema.ts';

/** All state changes of a journal, oldest first. The relayer itself only writes them. */
export function journaledChanges(database: Database) {
  return database.select().from(stateChanges).orderBy(asc(stateChanges.id));
}
