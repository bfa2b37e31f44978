import { depositorRoot } from '../protocol/account.ts';
import type { OpenedEnvelope } from '../protocol/envelope.ts';
import type { Message } from '../protocol/message.ts';
import type { DepositOrder } from '../protocol/order.ts';
import { balanceOf, newAccount, writeAccount } from './accounts.ts';
import { canPay } from './check-legs.ts';
import { assetOf, type Draft } from './draft.ts';
import { openedKey, unopenedKey } from './entry-keys.ts';
import { hasOpened, keyEpochOf, noteOpening } from './epochs.ts';
import { refundDeposit } from './fees.ts';
import { debitOf, placeLegs, type Spending } from './place-legs.ts';
import type { Account, AssetTerms } from './state.ts';

/** What a sealed envelope of a deposit says. */
export type SealedOrder = Extract<OpenedEnvelope, { kind: 'sealed' }>;

/**
 * Settles a deposit with a sealed envelope: credits the account that its order names and does the order's legs; or gives the deposit
 * back, if nobody can say where it belongs or it is too little to open the account.
 *
 * SECURITY: whatever becomes of it, the same numbers of entries, draws and writes.
 *
 * @param sealed undefined if the envelope did not open, or may not any more
 */
export function settleSealed(
  draft: Draft,
  message: Message,
  sealed: SealedOrder | undefined,
): void {
  const order = openOnce(draft, message, sealed);
  const root = depositorRoot(message.chainId, message.sender);
  const credit = order && creditOf(draft, message, { order, root });
  if (credit === undefined) refundDeposit(draft, message);
  const spending = credit && spendingOf(draft, message, { ...credit, root });
  const paid = spending === undefined ? 0n : debitOf(draft, spending);
  const write = credit && {
    account: credit.order.account,
    change: { asset: message.asset, amount: credit.credited - paid },
    base: () => credit.account,
  };
  writeAccount(draft, write, unopenedKey(message));
  const entryFee = credit?.entryFee ?? 0n;
  placeLegs(draft, message, { order: sealed?.order, spending, entryFee });
}

/** The order, if it is addressed as sealed ones are and no copy of one that has opened. One look-up and one entry either way. */
function openOnce(
  draft: Draft,
  message: Message,
  sealed: SealedOrder | undefined,
): DepositOrder | undefined {
  const current = keyEpochOf(draft, draft.round);
  const blank = unopenedKey(message);
  const opening = { epoch: sealed?.epoch ?? current, key: openedKey(sealed?.enc ?? blank) };
  const isFirst = !hasOpened(draft, opening) && sealed !== undefined;
  noteOpening(draft, isFirst ? opening : { epoch: current, key: blank });
  return isFirst && message.destination === 0n ? sealed.order : undefined;
}

/** What a deposit does to the account that it names. */
interface Credit {
  readonly order: DepositOrder;
  readonly terms: AssetTerms;
  /** As it is before the credit; opened by it, if it was not. */
  readonly account: Account;
  /** Less the entry fee. */
  readonly credited: bigint;
  readonly entryFee: bigint;
}

/**
 * Undefined if the asset has no terms, or too little would be left to open an account.
 *
 * SECURITY: also if it is open. What is given back is public, and would show that it is not.
 */
function creditOf(
  draft: Draft,
  { asset, amount, fee }: Message,
  { order, root }: { readonly order: DepositOrder; readonly root: Account['root'] },
): Credit | undefined {
  const { terms } = assetOf(draft, asset);
  if (terms === undefined) return undefined;
  const open = draft.accounts.get(order.account);
  const entryFee = open === undefined ? terms.entryFee : 0n;
  if (amount - fee < terms.entryFee + terms.leastBalance) return undefined;
  const credited = amount - fee - entryFee;
  return { order, terms, account: open ?? newAccount(root), credited, entryFee };
}

/**
 * What the order spends: all its legs, or none if one of them cannot be done.
 *
 * SECURITY: legs count as the depositor's, whose money they are, not as the account's: anybody may name any account, and so would have
 * the roots of all whose accounts they know.
 */
function spendingOf(
  draft: Draft,
  { asset }: Message,
  { order, terms, account, credited, root }: Credit & Pick<Spending, 'root'>,
): Spending {
  const balance = balanceOf(account, asset) + credited;
  const purse = { asset, terms, balance, spendable: credited };
  const isDone = canPay(draft, purse, order);
  const legs = isDone ? order.legs : [];
  return { asset, terms, account: order.account, root, legs };
}
