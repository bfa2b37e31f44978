import { isUnanswered } from '../../chains/shared/await-inclusion.ts';
import { type ChainCall, refusalIn, type SentCall } from '../../chains/shared/bridged-chain.ts';
import type { CallBudget } from '../../chains/shared/call-budget.ts';
import {
  AFTER_REFUSAL,
  type AfterRefusal,
  type TransactionRefusal,
} from '../../chains/shared/transaction-refusal.ts';
import { type Account, type Bridge, RelayerError } from '../bridge.ts';
import { type Fence, LeaseError } from '../journal/leases.ts';
import {
  markSubmission,
  OPEN_STATES,
  openFor,
  recordIntent,
  type SubmissionRow,
  spentInDay,
  submissionsIn,
} from '../journal/submissions.ts';
import { forgetLead, keyOf, lead } from './lead.ts';

/** What submitting needs of the bridge. */
export type SubmittingBridge = Pick<
  Bridge,
  'database' | 'holder' | 'log' | 'clock' | 'pollMs' | 'signal'
>;

/** What is to be done, and what for. */
export interface Submission {
  /** As an id. An account has one open transaction for a subject: who asks twice is given the same. */
  readonly subject: string;
  readonly call: ChainCall;
  /** What it may use; left out, it is tried on the newest state. */
  readonly budget?: CallBudget;
}

/** A transaction that is under way, or one that stands in its place by now. */
export interface Handed {
  readonly subject: string;
  readonly nonce: number;
}

/**
 * Reserves a nonce, signs, writes the intent down and hands it to a node; nobody waits for a block. What a node says after that is
 * settled later, from the journal.
 *
 * @throws {ChainCallReverted} the contract refuses it when it is tried
 * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING, CHAIN_TRANSACTION_REFUSED: no node will ever take it
 * @throws {RelayerError} RELAYER_NOT_LEADING, RELAYER_SPENDING_EXHAUSTED
 */
export async function handOver(
  bridge: SubmittingBridge,
  account: Account,
  submission: Submission,
): Promise<Handed> {
  return await account.submitting.run(() =>
    losingLead(account, async () => {
      const fence = await lead(bridge, account);
      const { subject, call, budget } = submission;
      const open = await openFor(bridge.database, keyOf(account), subject);
      if (open !== undefined) return { subject, nonce: open.nonce };
      const nonce = await reserve(bridge, account);
      const { ceilings } = account.limits;
      const terms = { nonce, ceilings, ...(budget && { budget }) };
      const signed = await account.chain.sign(account.signer, call, terms);
      await intend(bridge, account, { fence, subject, signed });
      const { after, refusal } = await deliver(bridge, account, { fence, subject, ...signed });
      if (after !== 'drop') return { subject, nonce };
      throw refusal;
    }),
  );
}

/** The next nonce of an account that blocks have so many of: after all that may still come into one, which `rows` are in order. */
export function nonceAfter(
  inBlocks: number,
  rows: readonly Pick<SubmissionRow, 'nonce'>[],
): number {
  // A node that is behind does not know what another has shown us in a block.
  return Math.max(inBlocks, (rows.at(-1)?.nonce ?? -1) + 1);
}

async function reserve({ database }: SubmittingBridge, account: Account): Promise<number> {
  const states = [...OPEN_STATES, 'included'] as const;
  const [inBlocks, rows] = await Promise.all([
    account.chain.nonceOf(account.signer),
    submissionsIn(database, keyOf(account), states),
  ]);
  return nonceAfter(inBlocks, rows);
}

interface Intended {
  readonly fence: Fence;
  readonly subject: string;
  readonly signed: SentCall & { readonly costWei: bigint };
}

/** Writes down what is about to be handed over, if the day's fees allow it. @throws {RelayerError} RELAYER_SPENDING_EXHAUSTED */
export async function intend(
  { database }: SubmittingBridge,
  account: Account,
  { fence, subject, signed }: Intended,
): Promise<void> {
  const key = keyOf(account);
  const { dayWei } = account.limits;
  const spentWei = await spentInDay(database, key);
  if (spentWei + signed.costWei > dayWei) {
    const what = `${subject} may cost ${signed.costWei} wei and ${spentWei} went out on ${account.chain.name} since yesterday; a day's limit is ${dayWei}`;
    throw new RelayerError('RELAYER_SPENDING_EXHAUSTED', what);
  }
  await recordIntent(database, fence, { ...signed, ...key, subject });
}

interface Delivery extends SentCall {
  readonly fence: Fence;
  readonly subject: string;
}

/** What follows from an attempt to hand a transaction over, and the node's refusal if it refused. */
export interface Delivered {
  readonly after: AfterRefusal;
  readonly meaning?: TransactionRefusal;
  readonly refusal?: unknown;
}

/** Hands a transaction to a node and notes what it says; no answer is none. */
export async function deliver(
  bridge: SubmittingBridge,
  { chain }: Account,
  { fence, subject, ...sent }: Delivery,
): Promise<Delivered> {
  const { database, log } = bridge;
  const { hash, nonce } = sent;
  const sentAt = (await chain.head()).number;
  try {
    await chain.broadcast(sent);
  } catch (error) {
    const meaning = refusalIn(error);
    if (meaning === undefined && !isUnanswered(error)) throw error;
    const after = meaning === undefined ? 'wait' : AFTER_REFUSAL[meaning];
    log.warn({ err: error, chain: chain.name, subject, nonce, meaning, after }, 'not taken');
    const lost = after === 'drop' ? ({ state: 'lost', costWei: 0n } as const) : {};
    await markSubmission(database, fence, { hash, sentAt, ...lost });
    return { after, refusal: error, ...(meaning && { meaning }) };
  }
  await markSubmission(database, fence, { hash, state: 'broadcast', sentAt });
  return { after: 'taken' };
}

/** Whatever writes under a lease: if that is lost, it is asked for anew the next time. */
export async function losingLead<T>(account: Account, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LeaseError) forgetLead(account);
    throw error;
  }
}
