import { type Hex, toHex } from '../../shared/bytes.ts';
import { GATEWAY_ABI } from './abi.ts';
import type { BridgedChain, ChainCall } from './bridged-chain.ts';
import { readContract } from './read-contract.ts';

/** A chain with its gateway. */
export interface PostPlace {
  readonly chain: BridgedChain;
  readonly gateway: Hex;
}

/** What a gateway asks for every order that is posted at it, in the chain's own coin, 18 decimals. @throws {ChainError} */
export async function quotePostFee({ chain, gateway }: PostPlace): Promise<bigint> {
  const contract = { chain, address: gateway, abi: GATEWAY_ABI };
  const [fee] = await readContract(contract, 'postFee');
  return BigInt(fee as bigint);
}

/**
 * The call that posts sealed orders at a gateway, all in one transaction; whoever posts is seen, and pays for it.
 *
 * @param envelopes 832 bytes each, at least one
 * @throws {ChainError}
 */
export async function postCall(
  place: PostPlace,
  envelopes: readonly Uint8Array[],
): Promise<ChainCall> {
  const valueWei = (await quotePostFee(place)) * BigInt(envelopes.length);
  const data = GATEWAY_ABI.encodeFunctionData('post', [envelopes.map(toHex)]) as Hex;
  return { to: place.gateway, data, valueWei };
}
