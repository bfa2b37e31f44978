import type { ChainCall, SignedCall } from '../../chains/shared/bridged-chain.ts';
import type { CallBudget } from '../../chains/shared/call-budget.ts';
import { formatCoins } from '../../shared/units.ts';
import { type Account, type Bridge, RelayerError } from '../bridge.ts';
import { type Fence, LeaseError } from '../journal/leases.ts';
import {
  noncesIn,
  OPEN_STATES,
  openSubjects,
  recordIntents,
  type SubmissionRow,
  spentInDay,
  takenFor,
} from '../journal/submissions.ts';
import { deliver } from './deliver.ts';
import { forgetLead, keyOf, lead } from './lead.ts';

/** What submitting needs of the bridge. */
export type SubmittingBridge = Pick<
  Bridge,
  'database' | 'holder' | 'log' | 'clock' | 'pollMs' | 'signal' | 'vitals'
>;

/** What is to be done, and what for. */
export interface Submission {
  /** As an id. An account has one open transaction for a subject: who asks twice is given the same. */
  readonly subject: string;
  readonly call: ChainCall;
  /** What it may use; left out, it is tried on the newest state. */
  readonly budget?: CallBudget;
  /** Once a block has taken it who asks again is given that one; left out, it is submitted anew. */
  readonly isOnce?: true;
  /** Of whoever waits for it: when it has aborted, nothing is written down or handed over. */
  readonly signal?: AbortSignal;
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
 * @throws as `handOverLine`
 */
export async function handOver(
  bridge: SubmittingBridge,
  account: Account,
  submission: Submission,
): Promise<Handed> {
  const [handed] = await handOverLine(bridge, account, [submission]);
  return handed;
}

/**
 * Hands over what is to come into blocks in this order, each with the nonce behind the last: the journal is asked and written to once for all
 * of it. It ends before the first that cannot go, which is refused when it is the first of a line.
 *
 * @returns those that are under way, at least the first
 * @throws {ChainCallReverted} the contract refuses the first when it is tried
 * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING, CHAIN_TRANSACTION_REFUSED: no node will ever take it
 * @throws {RelayerError} RELAYER_NOT_LEADING, RELAYER_SPENDING_EXHAUSTED @throws the reason of the first one's signal
 */
export async function handOverLine(
  bridge: SubmittingBridge,
  account: Account,
  [first, ...behind]: readonly [Submission, ...Submission[]],
): Promise<readonly [Handed, ...Handed[]]> {
  return await account.submitting.run(() =>
    losingLead(account, async () => {
      const fence = await lead(bridge, account);
      const open = await openSubjects(bridge.database, keyOf(account));
      const handed = open.get(first.subject) ?? (await takenNonce(bridge, account, first));
      if (handed !== undefined) return [{ subject: first.subject, nonce: handed }];
      const underWay = behind.findIndex(({ subject }) => open.has(subject));
      const fresh = underWay === -1 ? behind : behind.slice(0, underWay);
      return await send(bridge, account, { fence, line: [first, ...fresh] });
    }),
  );
}

/** The nonce of what is done once and in a block already. */
async function takenNonce(
  { database }: SubmittingBridge,
  account: Account,
  { subject, isOnce }: Submission,
): Promise<number | undefined> {
  return isOnce && (await takenFor(database, keyOf(account), subject))?.nonce;
}

interface Fresh {
  readonly fence: Fence;
  readonly line: readonly [Submission, ...Submission[]];
}

async function send(
  bridge: SubmittingBridge,
  account: Account,
  { fence, line }: Fresh,
): Promise<readonly [Handed, ...Handed[]]> {
  const signed = await signLine(account, line, await reserve(bridge, account));
  line[0].signal?.throwIfAborted();
  const intended = await intend(bridge, account, { fence, line: signed });
  const head = signed[0]?.signedAt ?? 0;
  const delivered = await deliver(bridge, account, { fence, head, line: intended });
  const dropped = delivered.findIndex(({ after }) => after === 'drop');
  const kept = dropped === -1 ? intended : intended.slice(0, dropped);
  const [first, ...behind] = kept.map(({ subject, nonce }) => ({ subject, nonce }));
  if (first === undefined) throw delivered[0]?.refusal;
  return [first, ...behind];
}

/** Signs as many as can be. @throws why the first cannot */
async function signLine(
  { chain, signer, limits: { ceilings } }: Account,
  line: readonly Submission[],
  nonce: number,
): Promise<Intended[]> {
  const signing = line.map(async ({ subject, call, budget }, i) => {
    const terms = { nonce: nonce + i, ceilings, ...(budget && { budget }) };
    return { subject, ...(await chain.sign(signer, call, terms)) };
  });
  const signed: Intended[] = [];
  for (const one of await Promise.allSettled(signing)) {
    if (one.status === 'rejected' && signed.length === 0) throw one.reason;
    if (one.status === 'rejected') break;
    signed.push(one.value);
  }
  return signed;
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
    noncesIn(database, keyOf(account), states),
  ]);
  return nonceAfter(inBlocks, rows);
}

/** A signed transaction, and what it is for. */
export interface Intended extends SignedCall {
  readonly subject: string;
}

/** Transactions of an account in the order of their nonces, under its lease. */
interface SignedLine {
  readonly fence: Fence;
  readonly line: readonly Intended[];
}

/**
 * Writes down what is about to be handed over, as far as the day's fees allow it.
 *
 * @returns what was written down, at least the first
 * @throws {RelayerError} RELAYER_SPENDING_EXHAUSTED
 */
export async function intend(
  { database }: SubmittingBridge,
  account: Account,
  { fence, line }: SignedLine,
): Promise<readonly Intended[]> {
  const key = keyOf(account);
  const { dayWei } = account.limits;
  const spentWei = await spentInDay(database, key);
  let wei = spentWei;
  const affordable: Intended[] = [];
  for (const one of line) {
    wei += one.costWei;
    if (wei > dayWei) break;
    affordable.push(one);
  }
  const [first] = line;
  if (first !== undefined && affordable.length === 0) {
    const [most, spent, limit] = [first.costWei, spentWei, dayWei].map(formatCoins);
    const what = `${first.subject} may cost ${most} coins and ${spent} went out on ${account.chain.name} since yesterday; a day's limit is ${limit}`;
    throw new RelayerError('RELAYER_SPENDING_EXHAUSTED', what);
  }
  const intents = affordable.map((one) => ({ ...one, ...key }));
  await recordIntents(database, fence, intents);
  return affordable;
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
