import { GATEWAY_ABI } from '../chains/shared/abi.ts';
import type { Receipt } from '../chains/shared/bridged-chain.ts';
import { readContract } from '../chains/shared/read-contract.ts';
import { type Hex, toHex } from '../shared/bytes.ts';
import type { SourceSide } from './deposit.ts';

/** What a gateway asks for every order that is posted at it, in the chain's own coin, 18 decimals. @throws {ChainError} */
export async function quotePostFee({
  chain,
  gateway,
}: Pick<SourceSide, 'chain' | 'gateway'>): Promise<bigint> {
  const contract = { chain, address: gateway, abi: GATEWAY_ABI };
  const [fee] = await readContract(contract, 'postFee');
  return BigInt(fee as bigint);
}

/**
 * Posts sealed orders at a gateway, all in one transaction; whoever posts is seen, and pays for it.
 *
 * @param envelopes 832 bytes each, at least one
 * @throws {ChainCallReverted} the gateway is paused
 */
export async function postOrders(
  source: Pick<SourceSide, 'chain' | 'signer' | 'gateway'>,
  envelopes: readonly Uint8Array[],
): Promise<Receipt> {
  const { chain, signer, gateway } = source;
  const valueWei = (await quotePostFee(source)) * BigInt(envelopes.length);
  const data = GATEWAY_ABI.encodeFunctionData('post', [envelopes.map(toHex)]) as Hex;
  return await chain.submit(signer, { to: gateway, data, valueWei });
}
