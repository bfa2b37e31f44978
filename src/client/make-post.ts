import type { AssetId } from '../protocol/asset.ts';
import type { SigningDomain } from '../protocol/eip712.ts';
import { type EpochKey, sealPost } from '../protocol/envelope.ts';
import type { Leg, PostedOrder } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import type { Rng } from '../shared/rng.ts';
import type { AccountSigner } from './account-signer.ts';
import type { OrderTimes } from './order-times.ts';

/** What an account is to pay, and on what terms. */
export interface PostDraft extends OrderTimes {
  readonly asset: AssetId;
  readonly legs: readonly Leg[];
  readonly afterPatience: 'return' | 'wait';
  readonly nonce: bigint;
  /** The last round that may consume it. */
  readonly expiry: bigint;
  readonly maxFee: bigint;
  /** Who is paid for posting, 32 bytes. */
  readonly posterAccount: Hex;
  /** 32 unpredictable bytes, of this order alone. */
  readonly tagSecret: Uint8Array;
}

/** An order that is ready to be posted. */
export interface SealedPost {
  readonly order: PostedOrder;
  /** 832 bytes: safe with whoever posts it. */
  readonly envelope: Uint8Array;
}

/** Has an account's wallet sign an order, and seals it to the enclaves. @throws {OrderError} ORDER_UNENCODABLE */
export async function makePost(
  signer: AccountSigner,
  draft: PostDraft,
  place: { readonly ledger: SigningDomain; readonly epochKey: EpochKey },
  rng: Rng,
): Promise<SealedPost> {
  const order: PostedOrder = { ...draft, owner: signer.owner, memo: new Uint8Array() };
  const signed = await signer.signOrder(place.ledger, order);
  return { order, envelope: await sealPost(signed, place.epochKey, place.ledger, rng) };
}
