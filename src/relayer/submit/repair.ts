import type { RenewalReason } from '../../chains/shared/bridged-chain.ts';
import type { Account } from '../bridge.ts';
import type { Fence } from '../journal/leases.ts';
import type { SubmissionRow } from '../journal/submissions.ts';
import { deliver } from './deliver.ts';
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

interface Tended {
  readonly fence: Fence;
  readonly head: number;
  readonly row: SubmissionRow;
}

/** Does for a transaction that no block has what may bring it into one. @throws {ChainError} nothing helps now */
export async function tend(
  bridge: SubmittingBridge,
  account: Account,
  { fence, head, row }: Tended,
): Promise<void> {
  const { isRepeatDue, isLate } = attentionFor(row, head);
  if (isRepeatDue) {
    // The node that took it first may have nobody to pass it on to.
    const repeated = { fence, head, line: [row], reach: 'every node' } as const;
    const [delivered] = await deliver(bridge, account, repeated);
    const { after, meaning } = delivered ?? {};
    if (after === 'renew' && meaning !== undefined && head > row.signedAt) {
      return await renew(bridge, account, { fence, row, why: meaning });
    }
    // What stands in its way may stay there: it is paid more for, as long as the ceilings allow it.
    if (isLate && meaning === 'outbid') {
      return await renew(bridge, account, { fence, row, why: meaning });
    }
    if (after !== 'taken') return;
  }
  if (isLate) await renew(bridge, account, { fence, row, why: 'late' });
}

interface Renewed {
  readonly fence: Fence;
  readonly row: SubmissionRow;
  readonly why: RenewalReason;
}

async function renew(
  bridge: SubmittingBridge,
  account: Account,
  { fence, row, why }: Renewed,
): Promise<void> {
  const { subject, nonce, hash } = row;
  const { ceilings } = account.limits;
  const signed = await account.chain.renew(account.signer, row, { why, ceilings });
  if (signed === undefined || signed.hash === hash) return;
  bridge.log.info({ chain: account.chain.name, subject, nonce, why }, 'signed anew');
  const line = [{ subject, ...signed }];
  await intend(bridge, account, { fence, line });
  await deliver(bridge, account, { fence, head: signed.signedAt, line });
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
