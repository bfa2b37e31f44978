import type { SubmittableExtrinsic } from '@polkadot/api/types';
import { z } from 'zod';
import { least } from '../../shared/bigints.ts';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import type { Weight } from '../shared/call-budget.ts';
import type { FeeCeilings } from '../shared/fee-ceilings.ts';
import { integer } from '../shared/node-hex.ts';
import { requireAffordable, requireBelow, tooDear } from '../shared/require-affordable.ts';
import { callRuntime, type SubstrateConnection } from './connection.ts';
import { WEI_PER_PLANCK, weightSchema } from './dry-run.ts';

/** An extrinsic that is not signed yet. */
export type Extrinsic = SubmittableExtrinsic<'promise'>;

/** What an extrinsic costs without its tip, in planck, and the most that it may take. */
export interface Price {
  readonly feePlanck: bigint;
  readonly weight: Weight;
}

const priceSchema = z
  .object({ partialFee: integer, weight: weightSchema })
  .transform(({ partialFee, weight }): Price => ({ feePlanck: partialFee, weight }));

/** By the runtime, which every node can run; some have no `payment_queryInfo`. */
function fetchPrice(connection: SubstrateConnection, raw: Hex): Promise<Price> {
  const bytes = fromHex(raw);
  const options = { args: [bytes, bytes.length], schema: priceSchema };
  return callRuntime(connection, 'transactionPaymentApi.queryInfo', options);
}

const KEPT_PRICES = 64;

/** Blocks for which an answer is kept: what a unit costs changes slowly. */
const PRICE_BLOCKS = 16;

/**
 * What an extrinsic costs follows from its limit of weight and its length. Asking costs the node a run of the runtime, and the batches of a
 * round are alike, so an answer holds for all that are as large and have the same limits.
 */
export function createPriceLookup(connection: SubstrateConnection) {
  const kept = new Map<string, Promise<Price>>();
  return async (extrinsic: Extrinsic, raw: Hex, head: number): Promise<Price> => {
    const { length } = fromHex(raw);
    const limits = extrinsic.method.args.slice(1, 4).map((arg) => arg.toHex().slice(0, 200));
    const key = `${Math.floor(head / PRICE_BLOCKS)} ${length} ${limits.join(' ')}`;
    const known = kept.get(key);
    if (known !== undefined) return await known;
    const price = fetchPrice(connection, raw);
    kept.set(key, price);
    price.catch(() => kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > KEPT_PRICES && oldest !== undefined) kept.delete(oldest);
    return await price;
  };
}

/**
 * An eighth more than the last tip, or of none a tenth of the fee, but no more than the ceiling: any tip above the last will do where
 * something stands in the way, since only an equal one is refused.
 *
 * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING: the last is the ceiling already
 */
export function raiseTip(
  chain: string,
  { tipPlanck, feePlanck }: { readonly tipPlanck: bigint; readonly feePlanck: bigint },
  { tipWei }: FeeCeilings,
): bigint {
  const mostPlanck = tipWei / WEI_PER_PLANCK;
  const wanted = (tipPlanck === 0n ? feePlanck / 10n : (tipPlanck * 9n) / 8n) + 1n;
  if (mostPlanck > tipPlanck) return least(wanted, mostPlanck);
  throw tooDear(chain, { what: 'the tip', wei: wanted * WEI_PER_PLANCK }, tipWei);
}

/** @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
export function requireWithin(
  chain: string,
  { costWei, tipWei }: { readonly costWei: bigint; readonly tipWei: bigint },
  ceilings: FeeCeilings,
): void {
  requireBelow(chain, { what: 'the tip', wei: tipWei }, ceilings.tipWei);
  requireAffordable(chain, costWei, ceilings);
}
