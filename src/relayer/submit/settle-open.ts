import type { Account } from '../bridge.ts';
import type { Fence } from '../journal/leases.ts';
import {
  markSubmissions,
  noncesIn,
  OPEN_STATES,
  type SubmissionMark,
  type SubmissionRow,
  submissionsIn,
} from '../journal/submissions.ts';
import { losingLead, type SubmittingBridge } from './hand-over.ts';
import { holesOf } from './holes.ts';
import { keyOf, lead } from './lead.ts';
import { outcomesOf } from './outcome.ts';
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
      const open = await submissionsIn(bridge.database, key, OPEN_STATES);
      if (open.length === 0) return undefined;
      const fence = await lead(bridge, account);
      // The nonce before the head and the receipts: what it has passed is in a block that they know.
      const passed = await account.chain.nonceOf(account.signer);
      const { number: head } = await account.chain.head();
      const groups = [...Map.groupBy(open, ({ nonce }) => nonce)];
      const inBlocks = groups.filter(([nonce]) => nonce < passed);
      await settlePassed(bridge, account, { fence, head, groups: inBlocks });
      if (tendedAt.get(account) === head) return head;
      tendedAt.set(account, head);
      const waiting = groups.flatMap(([nonce, group]) => (nonce < passed ? [] : group.slice(-1)));
      const last = waiting.at(-1)?.nonce ?? passed;
      const rows = await noncesIn(bridge.database, key, [...OPEN_STATES, 'included']);
      const holes = await holesOf(bridge.database, key, { passed, last, rows });
      await repair(bridge, account, { fence, head, waiting, holes });
      return head;
    }),
  );
}

type Group = readonly [nonce: number, rows: readonly SubmissionRow[]];

/** Blocks in which no node shows what became of a nonce before what was signed with it counts as lost. */
const LOST_AFTER_BLOCKS = 3;
/** By hash, the head at which the nonce of a transaction was first passed while no block was shown to have it. */
const missedAt = new WeakMap<Account, Map<string, number>>();

/**
 * Whether a transaction that no node shows has been missing for long enough. One node may know of the block that has it, and what answers
 * for another not: it would be paid for twice if it were signed for a new nonce at once.
 */
function isGone(account: Account, hash: string, head: number): boolean {
  const missed = missedAt.get(account) ?? new Map<string, number>();
  missedAt.set(account, missed);
  const since = missed.get(hash) ?? head;
  const isLong = head >= since + LOST_AFTER_BLOCKS;
  if (isLong) missed.delete(hash);
  else missed.set(hash, since);
  return isLong;
}

interface Passed {
  readonly fence: Fence;
  readonly head: number;
  readonly groups: readonly Group[];
}

/** Of what was signed with one nonce at most one is in a block; the others, or all, have lost it. */
async function settlePassed(
  { database, log }: SubmittingBridge,
  account: Account,
  { fence, head, groups }: Passed,
): Promise<void> {
  const rows = groups.flatMap(([, group]) => group);
  const outcomes = await outcomesOf(account.chain, rows);
  const marks: SubmissionMark[] = [];
  for (const { hash, subject, nonce, outcome } of outcomes) {
    const facts = { chain: account.chain.name, subject, nonce, hash };
    if (outcome === undefined) {
      const isReplaced = outcomes.some((other) => other.nonce === nonce && other.outcome);
      if (!isReplaced && !isGone(account, hash, head)) continue;
      log.info(facts, isReplaced ? 'replaced' : 'lost: another transaction has its nonce');
      marks.push({ hash, state: 'lost', costWei: 0n });
    } else {
      missedAt.get(account)?.delete(hash);
      const { state, blockNumber, gasFeeWei } = outcome;
      // What came of the call has a line of its own where somebody waits for it.
      log[state === 'included' ? 'debug' : 'info']({ ...facts, block: blockNumber }, state);
      marks.push({
        hash,
        state,
        blockNumber,
        ...(gasFeeWei !== undefined && { costWei: gasFeeWei }),
      });
    }
  }
  await markSubmissions(database, fence, marks);
}

interface Line {
  readonly fence: Fence;
  readonly head: number;
  /** The newest of each nonce, by nonce. */
  readonly waiting: readonly SubmissionRow[];
  /** Nonces before the last of those that nothing stands on, in order. */
  readonly holes: readonly number[];
}

/** Fills the holes in front of what waits, and has what waits tended. */
async function repair(
  bridge: SubmittingBridge,
  account: Account,
  { fence, head, waiting, holes }: Line,
): Promise<void> {
  for (const nonce of holes) await fillHole(bridge, account, { fence, nonce });
  await tend(bridge, account, { fence, head, rows: waiting });
}
