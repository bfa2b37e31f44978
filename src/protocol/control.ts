import type { Hex } from '../shared/bytes.ts';
import type { AssetId } from './asset.ts';


// SPEC: docs/protocol.md, "Control". What governance tells the ledger, through the anchor's own outbox.

/** What a control message says, by its kind. */
export type ControlContent =
  | {
      readonly kind: 'registerAsset';
      readonly asset: AssetId;
      /** The canonical amounts are 1, 2 or 5 × 10^i × this. */
      readonly poolUnit: bigint;
      /** Rungs as codes `3·i + (0, 1, 2)` for 1, 2, 5 × 10^i, ascending, 1 … 7 of them; may be added later, never removed. */
      readonly rungs: readonly number[];
      /** What opening an account by a credit in this asset costs. */
      readonly entryFee: bigint;
      /** What a balance keeps at least. */
      readonly leastBalance: bigint;
    }
  /** What a release costs that pays `asset` on `chainId`; an asset without a rate cannot be paid there. */
  | {
      readonly kind: 'setRate';
      readonly asset: AssetId;
      readonly chainId: bigint;
      readonly rate: bigint;
    }
  /** What posting an order in `asset` earns. */
  | { readonly kind: 'setReward'; readonly asset: AssetId; readonly reward: bigint }
  | { readonly kind: 'suspend'; readonly chainId: bigint }
  | { readonly kind: 'resume'; readonly chainId: bigint }
  /** From the round it holds on, `epoch` keys envelopes and PRFs. */
  | { readonly kind: 'startEpoch'; readonly epoch: bigint }
  /** Recorded only. */
  | { readonly kind: 'nameSuccessor'; readonly measurement: Hex };

/** One entry of the anchor's outbox, without its place. */
export interface ControlBody {
  /** Time of the block that took it, in whole seconds of Unix time. */
  readonly sentAtSec: bigint;
  /** The round that it names, 0 for none; of a suspension the anchor's stored round + 1. */
  readonly round: bigint;
  /** One of {@link CONTROL_KINDS}, or one that this program does not know. */
  readonly kind: number;
  /** The content's words, as the anchor encodes them. */
  readonly payload: Uint8Array;
}

/** The byte that names a kind, on the anchor and in the leaf. */
export const CONTROL_KINDS = {
  registerAsset: 1,
  setRate: 2,
  setReward: 3,
  suspend: 4,
  resume: 5,
  startEpoch: 6,
  nameSuccessor: 7,
} as const satisfies Record<ControlContent['kind'], number>;

/** Bytes of a payload at most. */
export const MAX_CONTROL_PAYLOAD_BYTES = 1024;

/** A control message at its place in the anchor's outbox. */
export interface ControlMessage extends ControlBody {
  readonly index: bigint;
}
