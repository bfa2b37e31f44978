import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { describeRevert } from '../shared/abi.ts';
import { ChainCallReverted, ChainError } from '../shared/bridged-chain.ts';
import { refusalOf } from '../shared/json-rpc.ts';
import { hexBytes } from '../shared/node-hex.ts';
import { readRefusal } from '../shared/transaction-refusal.ts';
import { ETHEREUM_REFUSALS } from './pool-refusals.ts';

/** JSON-RPC code of a reverted call, with the revert data. SPEC: execution-apis, geth and anvil alike. */
export const REVERTED = 3;
/** Parity, and Nethermind after it, write a word before the data. */
const labelled = z
  .string()
  .regex(/^Reverted 0x/)
  .transform((said) => said.slice('Reverted '.length))
  .pipe(hexBytes);
const nestedData = z.union([
  hexBytes,
  labelled,
  z.object({ data: hexBytes }).transform(({ data }) => data),
]);

/**
 * Says what a node's refusal of a call or a transaction means. An answer that is late or missing is no refusal.
 *
 * @throws {ChainCallReverted} @throws {ChainError} CHAIN_TRANSACTION_REFUSED, CHAIN_TIMEOUT, CHAIN_UNAVAILABLE
 */
export async function translateRefusal<T>(chain: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toCallError(chain, error);
  }
}

function toCallError(chain: string, error: unknown): unknown {
  const refusal = refusalOf(error);
  if (refusal === undefined) return error;
  const data = nestedData.safeParse(refusal.data);
  const isLabelled = labelled.safeParse(refusal.data).success;
  if (refusal.code === REVERTED || isLabelled || /revert/i.test(refusal.message)) {
    const bytes: Hex = data.success ? data.data : '0x';
    return new ChainCallReverted({ chain, data: bytes, reason: describeRevert(bytes) });
  }
  if (error instanceof ChainError && error.code === 'CHAIN_TIMEOUT') return error;
  const what = `the node refused: ${refusal.message.slice(0, 200)}`;
  const meta = { chain, what, refusal: readRefusal(ETHEREUM_REFUSALS, refusal.message) };
  return new ChainError('CHAIN_TRANSACTION_REFUSED', meta, { cause: error });
}
