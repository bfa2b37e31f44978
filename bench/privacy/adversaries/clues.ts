import type { AssetId } from '../../../src/protocol/asset.ts';
import { splitIntoRungs } from '../../../src/protocol/rungs.ts';
import { publicTag } from '../../../src/protocol/tag.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { PAYOUT_RATE, poolOf, rulesWith, TERMS } from '../market.ts';
import type { DepositSeen, PayoutSeen, PublicView } from '../records.ts';
import { laterParts } from '../rest.ts';

/** A sealed deposit and what its wallet would make of it. */
export interface Suspect extends DepositSeen {
  /** The legs that the wallet would cut it into, if it is to be paid out at once; descending. */
  readonly parts: readonly number[];
  /** In what the rest would be withdrawn, one after the other, if one address was paid. */
  readonly laterParts: readonly number[];
}

/** Payouts of one asset to one address on one chain: by all that is known, one order's. */
export interface Payee {
  readonly asset: AssetId;
  readonly chainId: bigint;
  /** In the order they were paid, at least one. */
  readonly payouts: readonly PayoutSeen[];
  /** Amounts with what the payouts cost, descending. */
  readonly parts: readonly number[];
}

/** What every attack begins with. */
export interface Clues {
  readonly view: PublicView;
  readonly suspects: readonly Suspect[];
  /** By asset, in the order of their rounds. */
  readonly byAsset: ReadonlyMap<AssetId, readonly Suspect[]>;
  readonly payees: readonly Payee[];
  /** Who has paid in the open, by the tag of the payout, which anybody can compute. */
  readonly openTags: ReadonlyMap<Hex, Hex>;
}

/** Who an attack says has paid for each payout, by the payout's id; undefined where it says nothing. */
export type Guesses = readonly (Hex | undefined)[];

/** Sorts what the public sees. */
export function sortClues(view: PublicView): Clues {
  const suspects = view.deposits
    .filter(({ isSealed }) => isSealed)
    .map((deposit): Suspect => {
      const { parts } = splitIntoRungs(BigInt(deposit.wanted), TERMS);
      return { ...deposit, parts: parts.map(Number), laterParts: laterParts(deposit.wanted) };
    })
    .sort((a, b) => a.round - b.round || a.id - b.id);
  const byAsset = Map.groupBy(suspects, ({ asset }) => asset);
  const openTags = readOpenTags(view);
  const hidden = view.payouts.filter(({ tag }) => !openTags.has(tag));
  return { view, suspects, byAsset, payees: sortPayees(hidden), openTags };
}

function readOpenTags({ deposits, pools }: PublicView): Map<Hex, Hex> {
  const gateways = new Map(rulesWith(pools).chains.map((chain) => [chain.chainId, chain.gateway]));
  const open = deposits.filter(({ isSealed }) => !isSealed);
  return new Map(
    open.map(({ chainId, index, sender }) => {
      return [publicTag(chainId, gateways.get(chainId) ?? '0x', index, 0), sender];
    }),
  );
}

function sortPayees(payouts: readonly PayoutSeen[]): Payee[] {
  const groups = Map.groupBy(
    payouts,
    ({ asset, chainId, recipient }) => `${asset}:${chainId}:${recipient}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [payeeOf(first, group)];
  });
}

/** A payee of these payouts. */
export function payeeOf({ asset, chainId }: PayoutSeen, payouts: readonly PayoutSeen[]): Payee {
  const parts = payouts.map(costOf).sort((a, b) => b - a);
  return { asset, chainId, payouts, parts };
}

/** What a payout took out of an account. */
export function costOf({ amount }: PayoutSeen): number {
  return amount + PAYOUT_RATE;
}

/** The pool that a payout can have come from. */
export function poolOfPayout(payout: PayoutSeen): string {
  return poolOf(payout.asset, payout.chainId, costOf(payout));
}

/** The first place in a list ordered by `round` that is not before `round`. */
export function placeOfRound(list: readonly { readonly round: number }[], round: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.round ?? 0) < round) low = middle + 1;
    else high = middle;
  }
  return low;
}
