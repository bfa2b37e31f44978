import { hmacSha256 } from '../crypto/hkdf.ts';
import type { AssetId } from '../protocol/asset.ts';
import { type Fee, MAX_BATCH_RELEASES, type Release } from '../protocol/release.ts';
import { concatBytes, fromHex, type Hex, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { AMOUNT_LIMIT } from './supply.ts';

// SPEC: docs/wire-formats.md, "Release batch": one share of the pooled fees is a release to the commit's beneficiary, the other goes, per batch
// and asset, to whoever submits the batch. No release has a fee of its own, so that fees mark nobody.

const FEE_TAG_LABEL = utf8('veilspan/fee-tag/v1');

/** Entries of one batch's fee list at most. The gateway has one bound for both lists. */
const MAX_BATCH_FEES = MAX_BATCH_RELEASES;

/** The fees of one chain in one transition, by asset; none of them zero. */
export type FeePool = ReadonlyMap<AssetId, bigint>;

/** Adds a message's fee to its chain's pool, in place. @throws {LedgerError} LEDGER_SUPPLY_BROKEN */
export function poolFee(pool: Map<AssetId, bigint>, { asset, amount }: Fee): void {
  if (amount === 0n) return;
  const pooled = (pool.get(asset) ?? 0n) + amount;
  if (pooled >= AMOUNT_LIMIT) {
    throw new LedgerError('LEDGER_SUPPLY_BROKEN', 'pooled fees below 2^128', { asset, pooled });
  }
  pool.set(asset, pooled);
}

/** Whose share it is, and of what. */
export interface FeeShareContext {
  readonly ledgerSecret: Uint8Array;
  readonly number: bigint;
  readonly chainId: bigint;
  /** The beneficiary's address, 20 bytes. */
  readonly recipient: Hex;
}

/** The beneficiary's releases: half of every asset's pool, rounded down, by ascending asset id; none of zero. */
export function beneficiaryReleases(pool: FeePool, context: FeeShareContext): Release[] {
  return sorted(pool).flatMap(({ asset, amount }) => {
    const share = beneficiaryShare(amount);
    if (share === 0n) return [];
    const tag = feeTag(context, asset);
    return [{ tag, asset, recipient: context.recipient, amount: share, refundOf: 0n }];
  });
}

/**
 * The fee list of each of `batchCount` batches, by ascending asset id.
 *
 * An asset's share is spread evenly, the remainder on the first. A batch has room for 16 assets: if there are more,
 * the k-th sixteen of g go over every g-th batch from the k-th on.
 *
 * @param batchCount at least one for every 16 assets of the pool: it counts the releases, of which every message whose
 *   fee is pooled has one
 */
export function spreadFees(pool: FeePool, batchCount: number): Fee[][] {
  const lists: Fee[][] = Array.from({ length: batchCount }, () => []);
  const groups = Math.ceil(pool.size / MAX_BATCH_FEES);
  sorted(pool).forEach(({ asset, amount }, i) => {
    const group = Math.floor(i / MAX_BATCH_FEES);
    const targets = lists.filter((_, batch) => batch % groups === group);
    spreadOver(targets, { asset, amount: amount - beneficiaryShare(amount) });
  });
  return lists;
}

function spreadOver(targets: readonly Fee[][], { asset, amount }: Fee): void {
  const count = BigInt(targets.length);
  targets.forEach((fees, i) => {
    const share = amount / count + (i === 0 ? amount % count : 0n);
    if (share > 0n) fees.push({ asset, amount: share });
  });
}

function beneficiaryShare(pooled: bigint): bigint {
  return pooled / 2n;
}

function sorted(pool: FeePool): Fee[] {
  return [...pool]
    .map(([asset, amount]) => ({ asset, amount }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

/** `HMAC(ledgerSecret, label ‖ number u64 ‖ chainId u64 ‖ asset)`: to all but the enclaves a tag like any other. */
function feeTag({ ledgerSecret, number, chainId }: FeeShareContext, asset: AssetId): Hex {
  const place = concatBytes(toBigEndian(number, 8), toBigEndian(chainId, 8), fromHex(asset, 32));
  return toHex(hmacSha256(ledgerSecret, concatBytes(FEE_TAG_LABEL, place)));
}
