import {
  ChainError,
  type RenewalReason,
  type SignedCall,
} from '../../chains/shared/bridged-chain.ts';
import type { Account } from '../bridge.ts';
import type { Fence } from '../journal/leases.ts';
import { markSubmissions, type SubmissionRow, signedBy } from '../journal/submissions.ts';
import { type Delivered, deliver } from './deliver.ts';
import { intend, type SubmittingBridge } from './hand-over.ts';

/** Blocks after which a node that should have a transaction is given it again. */
const REPEAT_BLOCKS = 3;
/** Blocks after which it is asked whether a transaction offers enough. */
const LATE_BLOCKS = 8;

/** What a transaction that no block has is due for at a head. */
export function attentionFor(
  { state, sentAt, signedAt }: Pick<SubmissionRow, 'state' | 'sentAt' | 'signedAt'>,
  head: number,
): { readonly isRepeatDue: boolean; readonly isLate: boolean } {
  const repeatAt = (sentAt ?? -1) + (state === 'intent' ? 1 : REPEAT_BLOCKS);
  return { isRepeatDue: head >= repeatAt, isLate: head >= signedAt + LATE_BLOCKS };
}

interface Waiting {
  readonly fence: Fence;
  readonly head: number;
  /** The newest of each nonce, by nonce. */
  readonly rows: readonly SubmissionRow[];
}

/** Does for transactions that no block has what may bring them into one. What nothing helps now waits for the next block. */
export async function tend(
  bridge: SubmittingBridge,
  account: Account,
  { fence, head, rows }: Waiting,
): Promise<void> {
  const due = rows
    .map((row) => ({ ...row, ...attentionFor(row, head) }))
    .filter(({ isRepeatDue, isLate }) => isRepeatDue || isLate);
  const signed = await signedBy(
    bridge.database,
    due.map(({ hash }) => hash),
  );
  const line = due.flatMap((row) => {
    const was = signed.get(row.hash);
    return was === undefined ? [] : [{ ...row, ...was }];
  });
  const answers = await deliverAgain(bridge, account, { fence, head, line });
  for (const row of line) {
    const why = renewalFor(row, { head, answer: answers?.get(row.hash) });
    if (why === undefined || (answers === undefined && row.isRepeatDue)) continue;
    await unlessItWaits(bridge, account, row, () => renew(bridge, account, { fence, row, why }));
  }
}

type Due = SubmissionRow & ReturnType<typeof attentionFor>;
type Signed<R> = R & Pick<SignedCall, 'raw' | 'call'>;

interface Repeated {
  readonly fence: Fence;
  readonly head: number;
  readonly line: readonly Signed<Due>[];
}

/** The node that took one first may have nobody to pass it on to. @returns answers by hash; undefined if nothing came of it */
async function deliverAgain(
  bridge: SubmittingBridge,
  account: Account,
  { fence, head, line }: Repeated,
): Promise<ReadonlyMap<string, Delivered | undefined> | undefined> {
  const repeated = line.filter(({ isRepeatDue }) => isRepeatDue);
  const [first] = repeated;
  if (first === undefined) return new Map();
  return await unlessItWaits(bridge, account, first, async () => {
    const again = { fence, head, line: repeated, reach: 'every node' } as const;
    const delivered = await deliver(bridge, account, again);
    return new Map(repeated.map(({ hash }, i) => [hash, delivered[i]]));
  });
}

/** What a chain cannot help with now waits for the next block. @returns undefined then */
async function unlessItWaits<T>(
  { log }: SubmittingBridge,
  { chain }: Account,
  { subject, nonce }: SubmissionRow,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    log.warn({ err: error, chain: chain.name, subject, nonce }, 'still waiting');
    return undefined;
  }
}

/** Why a transaction is to be signed anew, if it is. @param answer of the nodes it was given again */
function renewalFor(
  { isLate, signedAt }: Due,
  { head, answer }: { readonly head: number; readonly answer: Delivered | undefined },
): RenewalReason | undefined {
  const { after = 'taken', meaning } = answer ?? {};
  if (after === 'renew' && meaning !== undefined && head > signedAt) return meaning;
  // What stands in its way may stay there: it is paid more for, as long as the ceilings allow it.
  if (isLate && meaning === 'outbid') return meaning;
  return isLate && after === 'taken' ? 'late' : undefined;
}

interface Renewed {
  readonly fence: Fence;
  readonly row: Signed<SubmissionRow>;
  readonly why: RenewalReason;
}

async function renew(
  bridge: SubmittingBridge,
  account: Account,
  { fence, row, why }: Renewed,
): Promise<void> {
  const { subject, nonce, hash } = row;
  const signed = await signAnew(bridge, account, { fence, row, why });
  if (signed === undefined || signed.hash === hash) return;
  bridge.log.info({ chain: account.chain.name, subject, nonce, why }, 'signed anew');
  const line = [{ subject, ...signed }];
  await intend(bridge, account, { fence, line });
  await deliver(bridge, account, { fence, head: signed.signedAt, line });
}

/** What nobody can read any more gives its nonce back: whoever submits for its subject signs it anew, and what comes behind it waits for a filled hole. */
async function signAnew(
  { database, log }: SubmittingBridge,
  { chain, signer, limits: { ceilings } }: Account,
  { fence, row, why }: Renewed,
): Promise<SignedCall | undefined> {
  try {
    return await chain.renew(signer, row, { why, ceilings });
  } catch (error) {
    const isUnreadable =
      error instanceof ChainError && error.code === 'CHAIN_TRANSACTION_UNREADABLE';
    if (!isUnreadable) throw error;
    const { subject, nonce, hash } = row;
    log.warn({ err: error, chain: chain.name, subject, nonce, hash }, 'given up');
    await markSubmissions(database, fence, [{ hash, state: 'lost', costWei: 0n }]);
    return undefined;
  }
}

/** Sends nothing to oneself, so that what comes after the nonce can be in a block. */
export async function fillHole(
  bridge: SubmittingBridge,
  account: Account,
  { fence, nonce }: { readonly fence: Fence; readonly nonce: number },
): Promise<void> {
  const { chain, signer, limits } = account;
  const call = { to: signer.address, data: '0x', valueWei: 0n } as const;
  const signed = await chain.sign(signer, call, { nonce, ceilings: limits.ceilings });
  const subject = `hole ${nonce}`;
  bridge.log.warn({ chain: chain.name, nonce }, 'nothing stands on a nonce; filled');
  const line = [{ subject, ...signed }];
  await intend(bridge, account, { fence, line });
  await deliver(bridge, account, { fence, head: signed.signedAt, line });
}
