import type { LegEntry } from '../../../src/ledger/state.ts';
import type { TransitionInput } from '../../../src/ledger/transition.ts';
import type { AssetId } from '../../../src/protocol/asset.ts';
import type { Message } from '../../../src/protocol/message.ts';
import type { Release } from '../../../src/protocol/release.ts';
import { publicTag, REFUND_PAYOUT_INDEX } from '../../../src/protocol/tag.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { assetOf, rateOf } from './lookups.ts';
import type { PlainState } from './plain-state.ts';

/** What is about to be released on a chain. */
export interface Payout {
  readonly chainId: bigint;
  readonly release: Release;
  /** What its batch pays the submitter for it. */
  readonly rate: bigint;
  /** What it came from, and so what becomes of it if there is no room. */
  readonly from:
    | { readonly kind: 'refund' }
    | { readonly kind: 'transparent'; readonly message: Message }
    | { readonly kind: 'direct'; readonly account: Hex; readonly amount: bigint }
    | { readonly kind: 'pooled'; readonly id: Hex; readonly entry: LegEntry };
}

/** A round while it is computed. */
export interface Round {
  readonly state: PlainState;
  readonly input: TransitionInput;
  readonly round: bigint;
  readonly payouts: Payout[];
  /** What stands for the messages that have opened, which they do not need. */
  readonly noted: Set<Hex>;
  /** For the beneficiary, of all rounds so far. */
  readonly fees: Map<AssetId, bigint>;
}

/** Comes to a chain, or leaves it if negative: locked at the origin, minted elsewhere. */
export function book(
  state: PlainState,
  { asset, chainId }: { asset: AssetId; chainId: bigint },
  amount: bigint,
): void {
  const entry = assetOf(state, asset);
  if (chainId === BigInt(asset.slice(0, 26))) {
    entry.locked += amount;
    return;
  }
  const minted = (entry.minted.get(chainId) ?? 0n) - amount;
  if (minted < 0n) throw new Error('the supply rule');
  if (minted === 0n) entry.minted.delete(chainId);
  else entry.minted.set(chainId, minted);
}

export function earn({ fees }: Round, asset: AssetId, fee: bigint): void {
  fees.set(asset, (fees.get(asset) ?? 0n) + fee);
}

/** Gives back what a deposit brought but its fee; what that costs comes out of the fee. */
export function refund(round: Round, message: Message): void {
  const { chainId, gateway, index, asset, amount, fee, refundTo } = message;
  const asked = rateOf(round.state, asset, chainId) ?? 0n;
  const rate = asked < fee ? asked : fee;
  earn(round, asset, fee - rate);
  const tag = publicTag(chainId, gateway, index, REFUND_PAYOUT_INDEX);
  const release = { tag, asset, recipient: refundTo, amount: amount - fee, refundOf: index + 1n };
  round.payouts.push({ chainId, release, rate, from: { kind: 'refund' } });
}

export function houseOf({ input }: Round): Hex {
  return input.rules.houseAccount;
}
