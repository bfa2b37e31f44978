import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { ChainError, type ContractLog, type LogFilter } from '../shared/bridged-chain.ts';
import { cleanLogs } from '../shared/clean-logs.ts';
import { type RpcClient, refusalOf } from '../shared/json-rpc.ts';
import { isRangeRefusal } from '../shared/range-refusal.ts';
import { logSchema } from './schema.ts';

/** Most blocks in one eth_getLogs: public nodes refuse more than some thousands. */
const MAX_RANGE_BLOCKS = 2000;
const MAX_LOGS = 100_000;

/**
 * Creates a reader of logs that asks for as many blocks at a time as the node gives: half as many after it has refused, and
 * a little more after each answer.
 *
 * @returns a function that throws {@link ChainError} as {@link RpcClient}, and CHAIN_ANSWER_MALFORMED
 */
export function createLogReader(
  chain: string,
  rpc: RpcClient,
): (filter: LogFilter) => Promise<ContractLog[]> {
  let rangeBlocks = MAX_RANGE_BLOCKS;
  return async (filter) => {
    const logs: ContractLog[] = [];
    let fromBlock = filter.fromBlock;
    while (fromBlock <= filter.toBlock) {
      const toBlock = Math.min(fromBlock + rangeBlocks - 1, filter.toBlock);
      const length = toBlock - fromBlock + 1;
      try {
        logs.push(...(await fetchRange(rpc, { ...filter, fromBlock, toBlock })));
        rangeBlocks = Math.min(rangeBlocks + Math.ceil(rangeBlocks / 16), MAX_RANGE_BLOCKS);
        fromBlock = toBlock + 1;
      } catch (error) {
        rangeBlocks = Math.max(1, Math.floor(length / 2));
        // One that is late may be so for another reason, and asking on at once would not help it.
        if (length === 1 || !isTooMuch(error)) throw error;
      }
    }
    return cleanLogs(chain, filter, logs);
  };
}

function fetchRange(
  rpc: RpcClient,
  { addresses, fromBlock, toBlock }: LogFilter,
): Promise<ContractLog[]> {
  const range = {
    address: addresses.length === 1 ? addresses[0] : addresses,
    fromBlock: toQuantity(fromBlock),
    toBlock: toQuantity(toBlock),
  };
  return rpc('eth_getLogs', [range], z.array(logSchema).max(MAX_LOGS));
}

function isTooMuch(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return isRangeRefusal(refusal);
  // Longer than is read, from a node that has no limit of its own.
  return error instanceof ChainError && error.cause instanceof RangeError;
}

function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}
