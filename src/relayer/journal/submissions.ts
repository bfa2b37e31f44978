import { and, asc, eq, inArray } from 'drizzle-orm';
import type { SignedCall } from '../../chains/shared/bridged-chain.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Database } from './database.ts';
import { type SubmissionState, submissions } from './schema.ts';

/** A transaction of ours, written down before anyone else sees it. */
export type SubmissionRow = typeof submissions.$inferSelect;

/** Writes down what is about to be broadcast. */
export async function recordIntent(
  database: Database,
  intent: SignedCall & {
    readonly chainId: bigint;
    readonly account: Hex;
    readonly subject: string;
  },
): Promise<void> {
  await database
    .insert(submissions)
    .values({ ...intent, state: 'intent', blockNumber: null })
    .onConflictDoNothing();
}

/** Notes how far a transaction has come. */
export async function markSubmission(
  database: Database,
  hash: Hex,
  to: { readonly state: SubmissionState; readonly blockNumber?: number },
): Promise<void> {
  await database.update(submissions).set(to).where(eq(submissions.hash, hash));
}

interface SubmissionFilter {
  readonly chainId: bigint;
  readonly states: readonly SubmissionState[];
}

/** Transactions in one of the states, by nonce. */
export async function submissionsIn(
  database: Database,
  { chainId, states }: SubmissionFilter,
): Promise<SubmissionRow[]> {
  return await database
    .select()
    .from(submissions)
    .where(and(eq(submissions.chainId, chainId), inArray(submissions.state, [...states])))
    .orderBy(asc(submissions.nonce));
}
