import { z } from 'zod';
import { ChainError, type ContractLog, type LogFilter } from '../shared/bridged-chain.ts';
import { cleanLogs } from '../shared/clean-logs.ts';
import { type RpcClient, refusalOf } from '../shared/json-rpc.ts';
import { toQuantity } from '../shared/node-hex.ts';
import { isRangeRefusal } from '../shared/range-refusal.ts';
import { logSchema } from './schema.ts';

/** Most blocks in one eth_getLogs: public nodes refuse more than some thousands. */
const MAX_RANGE_BLOCKS = 2000;
const MAX_LOGS = 100_000;

/** Reads logs of contracts. */
export interface LogReader {
  /** @throws {ChainError} as {@link RpcClient}, and CHAIN_ANSWER_MALFORMED */
  logs(filter: LogFilter): Promise<ContractLog[]>;
  /** Asks for half as many blocks at a time: what came was not all, and there are nodes that leave out what is too much and do not say so. */
  narrow(): void;
}

/**
 * Creates a reader of logs that asks for as many blocks at a time as the node gives: half as many after it has refused, and
 * a little more after each answer.
 */
export function createLogReader(chain: string, rpc: RpcClient): LogReader {
  let rangeBlocks = MAX_RANGE_BLOCKS;
  let lastBlocks = MAX_RANGE_BLOCKS;
  const logs = async (filter: LogFilter): Promise<ContractLog[]> => {
    const found: ContractLog[] = [];
    let fromBlock = filter.fromBlock;
    while (fromBlock <= filter.toBlock) {
      const toBlock = Math.min(fromBlock + rangeBlocks - 1, filter.toBlock);
      const length = toBlock - fromBlock + 1;
      lastBlocks = length;
      try {
        found.push(...(await fetchRange(rpc, { ...filter, fromBlock, toBlock })));
        rangeBlocks = Math.min(rangeBlocks + Math.ceil(rangeBlocks / 16), MAX_RANGE_BLOCKS);
        fromBlock = toBlock + 1;
      } catch (error) {
        rangeBlocks = Math.max(1, Math.floor(length / 2));
        // One that is late may be so for another reason, and asking on at once would not help it.
        if (length === 1 || !isTooMuch(error)) throw error;
      }
    }
    return cleanLogs(chain, filter, found);
  };
  return {
    logs,
    narrow: () => {
      rangeBlocks = Math.max(1, Math.floor(Math.min(rangeBlocks, lastBlocks) / 2));
    },
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
