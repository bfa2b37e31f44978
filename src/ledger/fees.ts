import type { AssetId } from '../protocol/asset.ts';
import type { Message } from '../protocol/message.ts';
import type { Fee } from '../protocol/release.ts';
import { publicTag, REFUND_PAYOUT_INDEX } from '../protocol/tag.ts';
import type { Hex } from '../shared/bytes.ts';
import { creditAccount } from './accounts.ts';
import { assetOf, type Draft, type Payout, rateOf } from './draft.ts';

// SPEC: docs/protocol.md §4, Fees: what a message pays is the beneficiary's; what a release costs is its batch's, and so
// whoever submits it has it.

/** Adds to what the beneficiary is to be credited, or takes from it if negative. */
export function earnFee(draft: Draft, asset: AssetId, amount: bigint): void {
  draft.fees.set(asset, (draft.fees.get(asset) ?? 0n) + amount);
  assetOf(draft, asset).inside += amount;
}

/**
 * Gives a deposit back on its own chain, less its fee, which has been earned: what the release costs comes out of that. As public as the
 * deposit.
 */
export function refundDeposit(draft: Draft, message: Message): void {
  const { chainId, gateway, index, asset, amount, fee, refundTo } = message;
  const asked = rateOf(draft, asset, chainId) ?? 0n;
  const rate = asked < fee ? asked : fee;
  earnFee(draft, asset, -rate);
  const tag = publicTag(chainId, gateway, index, REFUND_PAYOUT_INDEX);
  const release = { tag, asset, recipient: refundTo, amount: amount - fee, refundOf: index + 1n };
  draft.payouts.push({ chainId, release, rate, origin: { kind: 'refund' } });
}

/** What a batch pays its submitter for these: the sum of their rates, by ascending asset id; none of zero. */
export function batchFees(payouts: readonly Payout[]): Fee[] {
  const sums = new Map<AssetId, bigint>();
  for (const { release, rate } of payouts) {
    if (rate > 0n) sums.set(release.asset, (sums.get(release.asset) ?? 0n) + rate);
  }
  return [...sums]
    .map(([asset, amount]) => ({ asset, amount }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

/** Credits what has been earned. To an account that is not open it is not paid: fees open none, the house account has them. */
export function creditBeneficiary(draft: Draft, beneficiary: Hex): void {
  const isOpen = draft.accounts.get(beneficiary) !== undefined;
  const account = isOpen ? beneficiary : draft.rules.houseAccount;
  for (const [asset, amount] of draft.fees) {
    assetOf(draft, asset).inside -= amount;
    if (amount > 0n) creditAccount(draft, account, { asset, amount });
  }
  draft.fees.clear();
}
