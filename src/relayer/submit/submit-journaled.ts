import { isUnanswered, LIFETIME_BLOCKS } from '../../chains/shared/await-inclusion.ts';
import { ChainCallReverted, ChainError } from '../../chains/shared/bridged-chain.ts';
import { type Account, RelayerError } from '../bridge.ts';
import { type SubmissionRow, submissionsAt } from '../journal/submissions.ts';
import { pause } from '../pause.ts';
import { type Handed, handOver, type Submission, type SubmittingBridge } from './hand-over.ts';
import { keyOf } from './lead.ts';
import { settleOpen } from './settle-open.ts';

/** A transaction of ours in a block. */
export interface Included {
  readonly hash: SubmissionRow['hash'];
  readonly blockNumber: number;
}

/**
 * Submits a call and waits for its block: nonce, intent on disk, broadcast, inclusion. What is open already for the same subject is
 * waited for, and not submitted again.
 *
 * @throws as `handOver` and `awaitEnd`
 */
export async function submitJournaled(
  bridge: SubmittingBridge,
  account: Account,
  submission: Submission,
): Promise<Included> {
  await prepareAccount(bridge, account);
  return await awaitEnd(bridge, account, await handOver(bridge, account, submission));
}

/** Accounts that were found ready, which they stay. */
const prepared = new WeakSet<Account>();

/**
 * Has an account ready to call contracts. What it has to have in a block before that is submitted as everything else of it: under its
 * lease, within its ceilings, and written down before it is handed over.
 *
 * @throws as `handOver` and `awaitEnd`
 */
export async function prepareAccount(bridge: SubmittingBridge, account: Account): Promise<void> {
  if (prepared.has(account)) return;
  const { chain, signer } = account;
  const call = await chain.setupOf(signer);
  if (call !== undefined) {
    const setup = { subject: `account ${signer.address}`, call };
    await awaitEnd(bridge, account, await handOver(bridge, account, setup));
  }
  prepared.add(account);
}

/** Much longer than any chain's blocks are apart. */
const STALL_MS = 600_000;

/**
 * Waits by name for what was handed over to be in a block, and meanwhile settles and repairs what is open of the account.
 *
 * @throws {ChainCallReverted} it failed in its block
 * @throws {ChainError} CHAIN_TRANSACTION_LOST: another has its nonce @throws {ChainError} CHAIN_STALLED: no block for ten minutes
 * @throws {RelayerError} RELAYER_SUBMISSION_LATE: as many blocks without it as a transaction lives; it stays open, and is waited for by
 *   whoever submits for its subject @throws {RelayerError} RELAYER_STOPPING, RELAYER_NOT_LEADING
 * @throws {WaitLate} RELAYER_WAIT_LATE: a look, with its turn at the account, has taken ten minutes
 */
export async function awaitEnd(
  bridge: SubmittingBridge,
  account: Account,
  handed: Handed,
): Promise<Included> {
  const what = `${handed.subject} to be in a block of ${account.chain.name}`;
  return await bridge.vitals.show(what, STALL_MS, () => untilEnded(bridge, account, handed));
}

async function untilEnded(
  bridge: SubmittingBridge,
  account: Account,
  handed: Handed,
): Promise<Included> {
  const { signal, pollMs, database } = bridge;
  const progress = startProgress(account, handed);
  for (let seen: Seen | undefined; ; seen = await look(bridge, account, handed)) {
    const rows = await submissionsAt(database, keyOf(account), handed.nonce);
    const end = await endOf(
      account,
      handed,
      rows.filter(({ subject }) => subject === handed.subject),
    );
    if (end !== undefined) return end;
    // What was sent together a look finds together.
    if (seen === undefined) continue;
    progress.note(seen);
    if (signal.aborted) throw new RelayerError('RELAYER_STOPPING', 'stopped before inclusion');
    await pause(pollMs, signal);
  }
}

interface Seen {
  readonly head?: number | undefined;
  readonly failure?: unknown;
}

/** A node that does not answer for a while says nothing of the transaction. */
async function look(
  bridge: SubmittingBridge,
  account: Account,
  { subject }: Handed,
): Promise<Seen> {
  const what = `a look for ${subject} on ${account.chain.name}`;
  try {
    const head = await bridge.vitals.wait(what, STALL_MS, () => settleOpen(bridge, account));
    return { head };
  } catch (failure) {
    if (isUnanswered(failure)) return { failure };
    throw failure;
  }
}

async function endOf(
  { chain }: Account,
  { subject, nonce }: Handed,
  rows: readonly SubmissionRow[],
): Promise<Included | undefined> {
  for (const { state, hash, blockNumber } of rows) {
    if (state === 'included' || state === 'final') return { hash, blockNumber: blockNumber ?? 0 };
  }
  const failed = rows.find(({ state }) => state === 'failed');
  if (failed !== undefined) {
    // It throws what the contract said.
    await chain.receiptOf(failed);
    throw new ChainCallReverted({ chain: chain.name, data: '0x', reason: `${subject} failed` });
  }
  if (rows.some(({ state }) => state !== 'lost')) return undefined;
  const what = `another transaction has nonce ${nonce}, which was to be ${subject}`;
  throw new ChainError('CHAIN_TRANSACTION_LOST', { chain: chain.name, what });
}

/** Ends a wait by what the chain does: when it stands still, or goes on for long without the transaction. */
function startProgress({ chain }: Account, { subject, nonce }: Handed) {
  let first: number | undefined;
  let highest = -1;
  let newsAtMs = performance.now();
  return {
    note: ({ head, failure }: Seen): void => {
      if (head !== undefined && head > highest) {
        highest = head;
        newsAtMs = performance.now();
      }
      first ??= head;
      if (highest > (first ?? highest) + LIFETIME_BLOCKS) {
        const what = `${subject} waits for a block of ${chain.name} with nonce ${nonce} for ${LIFETIME_BLOCKS} blocks`;
        throw new RelayerError('RELAYER_SUBMISSION_LATE', what);
      }
      if (performance.now() - newsAtMs < STALL_MS) return;
      const what = `no new block in ${STALL_MS / 1000} s, so ${subject} waits with nonce ${nonce}`;
      throw new ChainError('CHAIN_STALLED', { chain: chain.name, what }, { cause: failure });
    },
  };
}
