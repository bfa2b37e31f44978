import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { describeRevert } from '../shared/abi.ts';
import { ChainCallReverted, ChainError } from '../shared/bridged-chain.ts';
import { RpcError } from '../shared/json-rpc.ts';
import { hexBytes } from './schema.ts';

/** JSON-RPC code of a reverted call, with the revert data. SPEC: execution-apis, geth and anvil alike. */
const REVERTED = 3;
const nestedData = z.union([hexBytes, z.object({ data: hexBytes }).transform(({ data }) => data)]);

/** Turns a node's refusal of a call into the errors of this folder. */
export async function translateRefusal<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof RpcError ? toChainError(error) : error;
  }
}

function toChainError(error: RpcError): ChainCallReverted | ChainError {
  const { code, message } = error.refusal;
  const data = nestedData.safeParse(error.refusal.data);
  if (code === REVERTED || /revert/i.test(message)) {
    const bytes: Hex = data.success ? data.data : '0x';
    return new ChainCallReverted({ chain: 'ethereum', data: bytes, reason: describeRevert(bytes) });
  }
  const what = `the node refused: ${message.slice(0, 200)}`;
  return new ChainError('CHAIN_TRANSACTION_REFUSED', { chain: 'ethereum', what }, { cause: error });
}
