import type { BridgedChain, ContractLog } from '../chains/shared/bridged-chain.ts';
import type { Hex } from '../shared/bytes.ts';

/** The logs of a few contracts, read once each and kept: what a status view looks things up in. */
export interface LogIndex {
  /** Reads what is new. Blocks that are not final are read again each time, so a fork leaves no trace. */
  refresh(): Promise<void>;
  /** All logs so far, in the chain's order. */
  logs(): readonly ContractLog[];
  /** Number of the newest final block at the last refresh; −1 before the first. */
  finalizedNumber(): number;
  /** Number of the newest block at the last refresh; −1 before the first. */
  headNumber(): number;
}

/** Creates an index over the logs of `addresses` from block `fromBlock` on. */
export function createLogIndex(
  chain: BridgedChain,
  addresses: readonly Hex[],
  fromBlock: number,
): LogIndex {
  let final: ContractLog[] = [];
  let fresh: ContractLog[] = [];
  let finalizedNumber = -1;
  let headNumber = -1;
  let nextBlock = fromBlock;

  const read = async (from: number, to: number) => {
    if (to < from) return [];
    const lists = await Promise.all(
      addresses.map((address) => chain.logs({ address, fromBlock: from, toBlock: to })),
    );
    return lists.flat().sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  };

  return {
    refresh: async () => {
      const [finalized, head] = await Promise.all([chain.finalizedHead(), chain.head()]);
      const settled = await read(nextBlock, finalized.number);
      fresh = await read(Math.max(nextBlock, finalized.number + 1), head.number);
      final = [...final, ...settled];
      nextBlock = Math.max(nextBlock, finalized.number + 1);
      finalizedNumber = finalized.number;
      headNumber = head.number;
    },
    logs: () => [...final, ...fresh],
    finalizedNumber: () => finalizedNumber,
    headNumber: () => headNumber,
  };
}
