import { inArray, max } from 'drizzle-orm';
import type { Hex } from '../../shared/bytes.ts';
import { lastFinalCommit } from '../journal/commits.ts';
import type { Database } from '../journal/database.ts';
import { cursors, submissions } from '../journal/schema.ts';

/** How far a journal has come. Plain JSON. */
export interface JournalStanding {
  /** The last block of each chain of which everything is journaled. */
  readonly cursors: readonly { readonly chainId: string; readonly block: number }[];
  /** Number of the last final commit; null before the first. */
  readonly lastCommit: string | null;
  /** The nonce after the last one that a block has of us, of each account that has sent something. */
  readonly accounts: readonly {
    readonly chainId: string;
    readonly account: Hex;
    readonly nextNonce: number;
  }[];
}

/** Reads how far a journal has come. */
export async function readStanding(database: Database): Promise<JournalStanding> {
  const [places, commit, accounts] = await Promise.all([
    database.select().from(cursors),
    lastFinalCommit(database),
    database
      .select({
        chainId: submissions.chainId,
        account: submissions.account,
        last: max(submissions.nonce),
      })
      .from(submissions)
      .where(inArray(submissions.state, ['included', 'final', 'failed']))
      .groupBy(submissions.chainId, submissions.account),
  ]);
  return {
    cursors: places.map(({ chainId, blockNumber }) => {
      return { chainId: `${chainId}`, block: blockNumber };
    }),
    lastCommit: commit === undefined ? null : `${commit}`,
    accounts: accounts.map(({ chainId, account, last }) => {
      return { chainId: `${chainId}`, account, nextNonce: Number(last) + 1 };
    }),
  };
}
