import type { Hex } from '../shared/bytes.ts';
import { MAX_LEGS } from './order.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from './tag.ts';

/** What a transfer's releases are found by, and told apart by. */
export interface TransferTags {
  /** Of payouts: on the destination chain, of a sealed order on any. */
  readonly payouts: readonly Hex[];
  /** Of what gives the deposit back on its own chain; undefined where only the tag secret is known: every refund is public. */
  readonly refund?: Hex;
  /** The deposit's chain; undefined where only the tag secret is known. */
  readonly sourceChainId?: bigint;
}

/** Which deposit: the chain that took it and its place in that chain's outbox. */
export interface TransferRef {
  readonly chainId: bigint;
  readonly index: bigint;
}

/**
 * The tags that anyone can compute from a deposit: of a transparent transfer's payout, and of any deposit's refund.
 *
 * @param gateway the gateway that took the deposit, 20 bytes
 */
export function publicTags({ chainId, index }: TransferRef, gateway: Hex): Required<TransferTags> {
  return {
    payouts: [publicTag(chainId, gateway, index, 0)],
    refund: publicTag(chainId, gateway, index, REFUND_PAYOUT_INDEX),
    sourceChainId: chainId,
  };
}

/** As {@link publicTags}, those of payouts first and the refund's behind them. */
export function listPublicTags(ref: TransferRef, gateway: Hex): Hex[] {
  const { payouts, refund } = publicTags(ref, gateway);
  return [...payouts, refund];
}

/** The tags of a sealed order's legs. @param tagSecret 32 bytes, from the order */
export function sealedTags(tagSecret: Uint8Array): TransferTags {
  return { payouts: Array.from({ length: MAX_LEGS }, (_, leg) => payoutTag(tagSecret, leg)) };
}

/** A release, as far as it shows whose it is. */
interface TaggedRelease {
  /** The chain whose gateway makes it. */
  readonly chainId: bigint;
  /** 32 bytes. */
  readonly tag: Hex;
}

/** What refunds are known by: their tags, and the chain of the deposits where it is known. */
export interface RefundMark {
  readonly tags: ReadonlySet<Hex>;
  readonly sourceChainId?: bigint;
}

/**
 * Whether a release gives a deposit back: it is on the deposit's own chain and bears a refund's tag, which an enclave
 * makes for no other release.
 */
export function isRefund({ chainId, tag }: TaggedRelease, mark: RefundMark): boolean {
  return mark.tags.has(tag) && (mark.sourceChainId ?? chainId) === chainId;
}

/** Whether a release is of the transfer with these tags. */
export function isOfTransfer(release: TaggedRelease, tags: TransferTags): boolean {
  return tags.payouts.includes(release.tag) || isRefund(release, refundMark(tags));
}

/** What the refund of the transfer with these tags is known by. */
export function refundMark({ refund, sourceChainId }: TransferTags): RefundMark {
  const tags = new Set(refund === undefined ? [] : [refund]);
  return sourceChainId === undefined ? { tags } : { tags, sourceChainId };
}
