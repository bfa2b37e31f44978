import type { Interface, Result } from 'ethers';
import type { Hex } from '../../shared/bytes.ts';
import type { BridgedChain } from './bridged-chain.ts';

/** A contract that is asked. */
export interface ReadableContract {
  readonly chain: Pick<BridgedChain, 'call'>;
  /** 20 bytes. */
  readonly address: Hex;
  readonly abi: Interface;
}

/** What a view function of a contract answers, by place and by name. @throws {ChainError} */
export async function readContract(
  { chain, address, abi }: ReadableContract,
  method: string,
  args: readonly unknown[] = [],
): Promise<Result> {
  const answer = await chain.call(address, abi.encodeFunctionData(method, args) as Hex);
  return abi.decodeFunctionResult(method, answer);
}
