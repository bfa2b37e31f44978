import { accountId } from '../protocol/account.ts';
import type { OpenedEnvelope } from '../protocol/envelope.ts';
import type { Message } from '../protocol/message.ts';
import type { PostedOrder } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import { type AccountWrite, balanceOf, requireOpen, writeAccount } from './accounts.ts';
import { canPay } from './check-legs.ts';
import { assetOf, type Draft } from './draft.ts';
import { unopenedKey } from './entry-keys.ts';
import { isNonceFree, useNonce } from './nonces.ts';
import { debitOf, placeLegs, type Spending } from './place-legs.ts';

/** What a posted envelope says; its owner's signature is verified. */
export type SealedPost = Extract<OpenedEnvelope, { kind: 'post' }>;

const DAY_SEC = 86_400n;

/**
 * Settles an order without a deposit: it is done as a whole, or nothing is and its nonce can be used again.
 *
 * SECURITY: whatever becomes of it, the same numbers of entries, draws and writes.
 *
 * @param post undefined if the envelope did not open, or may not any more
 */
export function settlePost(draft: Draft, message: Message, post: SealedPost | undefined): void {
  const due = post && dueOf(draft, post.order);
  const seed = unopenedKey(message);
  writeAccount(draft, due && payment(draft, due), seed);
  writeAccount(draft, due && rewardOf(draft, due), seed);
  placeLegs(draft, message, { order: post?.order, spending: due?.spending, entryFee: 0n });
}

/** What an order that can be done costs its account. */
interface Due {
  readonly order: PostedOrder;
  readonly spending: Spending;
  readonly reward: bigint;
}

/** Undefined if the order cannot be done. */
function dueOf(draft: Draft, order: PostedOrder): Due | undefined {
  const { asset, legs, nonce } = order;
  const account = accountId(order.owner);
  const { terms, reward } = assetOf(draft, asset);
  const open = draft.accounts.get(account);
  if (open === undefined || terms === undefined || reward > order.maxFee) return undefined;
  if (!isNonceFree(open, nonce) || !isTimely(draft, order)) return undefined;
  const balance = balanceOf(open, asset) - reward;
  const purse = { asset, terms, balance, spendable: balance };
  if (!canPay(draft, purse, order)) return undefined;
  return { order, spending: { asset, terms, account, root: open.root, legs }, reward };
}

/** Consumed before it expires, which is within a day; and what is to leave at once is not to leave later. */
function isTimely({ round, rules }: Draft, { expiry, notBefore, legs }: PostedOrder): boolean {
  const lastExpiry = round + DAY_SEC / rules.schedule.roundSec;
  if (expiry < round || expiry > lastExpiry) return false;
  return notBefore <= round || legs.every(({ mode }) => mode !== 'direct');
}

function payment(draft: Draft, { order, spending, reward }: Due): AccountWrite {
  const { asset, account } = spending;
  return {
    account,
    change: { asset, amount: -debitOf(draft, spending) - reward },
    base: (open) => useNonce(requireOpen(open), order.nonce),
  };
}

/** Posting opens no account: what is paid to one that is not open goes to the house account. */
function rewardOf({ accounts, rules }: Draft, { order, spending, reward }: Due): AccountWrite {
  const isOpen = accounts.get(order.posterAccount) !== undefined;
  const account: Hex = isOpen ? order.posterAccount : rules.houseAccount;
  return { account, change: { asset: spending.asset, amount: reward }, base: requireOpen };
}
