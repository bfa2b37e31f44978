import type { BlockRef } from '../../chains/shared/bridged-chain.ts';
import { type Account, type Bridge, RelayerError, type Side } from '../bridge.ts';
import { includedUpTo, markSubmissions, type SubmissionMark } from '../journal/submissions.ts';
import { losingLead, type SubmittingBridge } from './hand-over.ts';
import { keyOf, lead } from './lead.ts';
import { outcomesOf } from './outcome.ts';
import { settleOpen } from './settle-open.ts';

/** Accounts are looked after while a chain is followed: longer than this they are left for the next final block. */
const SETTLE_MS = 30_000;

/**
 * Looks after the accounts that submit to a chain when a block has become final there. What fails in it is told and tried again at the
 * next one: it must not keep the chain from being followed.
 */
export async function followSubmissions(
  bridge: Bridge,
  side: Side,
  final: BlockRef,
): Promise<void> {
  const { anchor, vitals, log } = bridge;
  const committer = side === anchor.side ? anchor.committer : undefined;
  const accounts = committer === undefined ? [side] : [side, committer];
  for (const account of accounts) {
    const lane = `settle ${side.chain.name}`;
    try {
      await vitals.lane(lane, () =>
        vitals.wait(`transactions on ${side.chain.name} to settle`, SETTLE_MS, () =>
          settleSubmissions(bridge, account, final),
        ),
      );
    } catch (error) {
      log.warn({ err: error, chain: side.chain.name }, 'cannot settle transactions');
    }
  }
}

/**
 * Notes which of an account's transactions are final, opens those again that a fork has dropped, and goes on with what is open. Another
 * process that leads the account does it in this one's place.
 */
export async function settleSubmissions(
  bridge: SubmittingBridge,
  account: Account,
  final: BlockRef,
): Promise<void> {
  try {
    await account.submitting.run(() => losingLead(account, () => finish(bridge, account, final)));
    await settleOpen(bridge, account);
  } catch (error) {
    const isOthers = error instanceof RelayerError && error.code === 'RELAYER_NOT_LEADING';
    if (!isOthers) throw error;
  }
}

async function finish(bridge: SubmittingBridge, account: Account, final: BlockRef): Promise<void> {
  const { database, log } = bridge;
  const rows = await includedUpTo(database, keyOf(account), final.number);
  if (rows.length === 0) return;
  const fence = await lead(bridge, account);
  const marks: SubmissionMark[] = [];
  for (const { hash, subject, nonce, outcome } of await outcomesOf(account.chain, rows)) {
    if (outcome === undefined) {
      log.warn({ chain: account.chain.name, subject, nonce }, 'its block was replaced');
      marks.push({ hash, state: 'broadcast' });
    } else {
      marks.push({ hash, state: outcome.state === 'failed' ? 'failed' : 'final' });
    }
  }
  await markSubmissions(database, fence, marks);
}
