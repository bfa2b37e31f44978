import { count } from 'drizzle-orm';
import type { Database } from './database.ts';
import { type SubmissionState, submissions } from './schema.ts';

/** How many transactions for a chain are in a state. */
export interface SubmissionCount {
  readonly chainId: bigint;
  readonly state: SubmissionState;
  readonly count: number;
}

/** How many of the journal's transactions are in which state. */
export async function countSubmissions(database: Database): Promise<SubmissionCount[]> {
  const { chainId, state } = submissions;
  return await database
    .select({ chainId, state, count: count() })
    .from(submissions)
    .groupBy(chainId, state);
}
