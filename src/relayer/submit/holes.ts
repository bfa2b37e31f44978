import type { Database } from '../journal/database.ts';
import { type AccountKey, finalNonces, type SubmissionRow } from '../journal/submissions.ts';

interface Before {
  /** The nonce that the next block may take, as a node says. */
  readonly passed: number;
  /** The last nonce that something open stands on. */
  readonly last: number;
  /** All that is open or included. */
  readonly rows: readonly Pick<SubmissionRow, 'nonce'>[];
}

/** Nonces that nothing stands on before one that something does. What is final is none, though a node that is behind does not know it. */
export async function holesOf(
  database: Database,
  key: AccountKey,
  { passed, last, rows }: Before,
): Promise<number[]> {
  const known = new Set(rows.map(({ nonce }) => nonce));
  const missing: number[] = [];
  for (let nonce = passed; nonce < last; nonce++) if (!known.has(nonce)) missing.push(nonce);
  if (missing.length === 0) return [];
  const final = await finalNonces(database, key, passed);
  return missing.filter((nonce) => !final.has(nonce));
}
