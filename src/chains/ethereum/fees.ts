import { least, most } from '../../shared/bigints.ts';
import type { FeeCeilings } from '../shared/fee-ceilings.ts';
import { requireBelow } from '../shared/require-affordable.ts';

/** What a unit of gas costs now, as the node says. */
export interface GasMarket {
  /** Number of the newest block. */
  readonly head: number;
  /** Of the next block. */
  readonly baseFeeWei: bigint;
  /** What half of the gas of the last blocks has paid beyond it. */
  readonly tipWei: bigint;
}

/** What a transaction offers for a unit of gas. */
export interface GasOffer {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Blocks that nobody pays to get into say that nothing is asked; a little keeps a transaction ahead of those that offer nothing. */
const LEAST_TIP_WEI = 50_000_000n;

/**
 * What to offer: the market's tip, and room for the base fee to double, both within the ceilings.
 *
 * @param replaced what the transaction offers that this one is to stand in the place of: nodes ask for a tenth more of both, some for an eighth
 * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING: no block takes what the ceilings allow, or no node takes it for the other
 */
export function computeOffer(
  chain: string,
  market: GasMarket,
  { ceilings, replaced }: { readonly ceilings: FeeCeilings; readonly replaced?: GasOffer },
): GasOffer {
  const { baseFeeWei } = market;
  const tip = least(wantedTip(market), ceilings.tipPerGasWei);
  requireBelow(chain, { what: 'a unit of gas', wei: baseFeeWei + tip }, ceilings.feePerGasWei);
  const offer = {
    maxFeePerGas: least(2n * baseFeeWei + tip, ceilings.feePerGasWei),
    maxPriorityFeePerGas: tip,
  };
  if (replaced === undefined) return offer;
  const raised = {
    maxFeePerGas: most(offer.maxFeePerGas, raise(replaced.maxFeePerGas)),
    maxPriorityFeePerGas: most(tip, raise(replaced.maxPriorityFeePerGas)),
  };
  const { maxFeePerGas, maxPriorityFeePerGas } = raised;
  requireBelow(chain, { what: 'a unit of gas', wei: maxFeePerGas }, ceilings.feePerGasWei);
  requireBelow(chain, { what: 'the tip', wei: maxPriorityFeePerGas }, ceilings.tipPerGasWei);
  return raised;
}

/** Whether the next block takes a transaction with this offer, as far as the market says. */
export function isEnough(
  { maxFeePerGas, maxPriorityFeePerGas }: GasOffer,
  market: GasMarket,
  { tipPerGasWei }: FeeCeilings,
): boolean {
  const tip = least(wantedTip(market), tipPerGasWei);
  return maxFeePerGas >= market.baseFeeWei + tip && maxPriorityFeePerGas >= tip;
}

function wantedTip({ tipWei }: GasMarket): bigint {
  return most(tipWei, LEAST_TIP_WEI);
}

function raise(wei: bigint): bigint {
  return (wei * 9n) / 8n + 1n;
}
