import { ChainError } from '../../chains/shared/bridged-chain.ts';
import type { Account } from '../bridge.ts';
import type { Fence } from '../journal/leases.ts';
import {
  markSubmission,
  OPEN_STATES,
  type SubmissionRow,
  submissionsIn,
} from '../journal/submissions.ts';
import { losingLead, type SubmittingBridge } from './hand-over.ts';
import { holesOf } from './holes.ts';
import { keyOf, lead } from './lead.ts';
import { outcomeOf } from './outcome.ts';
import { fillHole, tend } from './repair.ts';

/** At which head each account was last tended: once a block is enough. */
const tendedAt = new WeakMap<Account, number>();

/**
 * Brings what is open of an account to an end, as far as there is one: what blocks have taken is noted, what no block takes is handed
 * over again, priced anew or signed anew, and a nonce that nothing stands on is filled. Everything in it comes from the journal and the
 * chain, so it goes on after a restart as before.
 *
 * @returns the chain's head, if anything is open
 */
export async function settleOpen(
  bridge: SubmittingBridge,
  account: Account,
): Promise<number | undefined> {
  return await account.submitting.run(() =>
    losingLead(account, async () => {
      const key = keyOf(account);
      const rows = await submissionsIn(bridge.database, key, [...OPEN_STATES, 'included']);
      const open = rows.filter(({ state }) => state !== 'included');
      if (open.length === 0) return undefined;
      const fence = await lead(bridge, account);
      // The nonce before the head and the receipts: what it has passed is in a block that they know.
      const passed = await account.chain.nonceOf(account.signer);
      const { number: head } = await account.chain.head();
      const groups = [...Map.groupBy(open, ({ nonce }) => nonce)];
      await settlePassed(
        bridge,
        account,
        fence,
        groups.filter(([nonce]) => nonce < passed),
      );
      if (tendedAt.get(account) === head) return head;
      tendedAt.set(account, head);
      const waiting = groups.flatMap(([nonce, group]) => (nonce < passed ? [] : group.slice(-1)));
      const last = waiting.at(-1)?.nonce ?? passed;
      const holes = await holesOf(bridge.database, key, { passed, last, rows });
      await repair(bridge, account, { fence, head, waiting, holes });
      return head;
    }),
  );
}

type Group = readonly [nonce: number, rows: readonly SubmissionRow[]];

/** Of what was signed with one nonce at most one is in a block; the others, or all, have lost it. */
async function settlePassed(
  { database, log }: SubmittingBridge,
  account: Account,
  fence: Fence,
  groups: readonly Group[],
): Promise<void> {
  const outcomes = await Promise.all(
    groups.flatMap(([, rows]) =>
      rows.map(async (row) => ({ row, outcome: await outcomeOf(account.chain, row) })),
    ),
  );
  for (const { row, outcome } of outcomes) {
    const { hash, subject, nonce } = row;
    const facts = { chain: account.chain.name, subject, nonce, hash };
    if (outcome === undefined) {
      const isReplaced = outcomes.some((other) => other.row.nonce === nonce && other.outcome);
      log.info(facts, isReplaced ? 'replaced' : 'lost: another transaction has its nonce');
      await markSubmission(database, fence, { hash, state: 'lost', costWei: 0n });
    } else {
      const { state, blockNumber, gasFeeWei } = outcome;
      log.info({ ...facts, block: blockNumber }, state);
      const paid = gasFeeWei === undefined ? {} : { costWei: gasFeeWei };
      await markSubmission(database, fence, { hash, state, blockNumber, ...paid });
    }
  }
}

interface Line {
  readonly fence: Fence;
  readonly head: number;
  /** The newest of each nonce, by nonce. */
  readonly waiting: readonly SubmissionRow[];
  /** Nonces before the last of those that nothing stands on, in order. */
  readonly holes: readonly number[];
}

async function repair(
  bridge: SubmittingBridge,
  account: Account,
  { fence, head, waiting, holes }: Line,
): Promise<void> {
  let last = -1;
  for (const row of waiting) {
    for (const nonce of holes) {
      if (nonce > last && nonce < row.nonce) await fillHole(bridge, account, { fence, nonce });
    }
    last = row.nonce;
    try {
      await tend(bridge, account, { fence, head, row });
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      const { subject, nonce } = row;
      bridge.log.warn({ err: error, chain: account.chain.name, subject, nonce }, 'still waiting');
    }
  }
}
