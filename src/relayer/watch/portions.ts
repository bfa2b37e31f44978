import type { ContractLog } from '../../chains/shared/bridged-chain.ts';

/** A closed range of blocks. */
export interface BlockSpan {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Logs of a part of a chunk. */
export interface Portion {
  readonly span: BlockSpan;
  readonly logs: readonly ContractLog[];
}

/** Logs that are recorded in one transaction, unless one block alone has more. */
const MAX_LOGS = 250;
/** Blocks whose logs are read at first, while it is not known how many there are. */
export const FIRST_BLOCKS = 32;
const MAX_BLOCKS = 500;
/** So many times as many blocks as before are read at most. */
const MAX_GROWTH = 4;

/** Blocks to read after these: so many that as many logs as are recorded at a time are in memory, if they have as many. */
export function lengthAfter({ span: { fromBlock, toBlock }, logs }: Portion): number {
  const length = toBlock - fromBlock + 1;
  const fitting = Math.floor((length * MAX_LOGS) / Math.max(logs.length, 1));
  return Math.max(1, Math.min(fitting, MAX_GROWTH * length, MAX_BLOCKS));
}

/**
 * Cuts a chunk of blocks into parts that cover it without a gap, at the ends of blocks: what is recorded at a time depends
 * on how much there is, and not on how many blocks it is in.
 *
 * @param logs in the chain's order
 */
export function portionsOf(
  logs: readonly ContractLog[],
  { fromBlock, toBlock }: BlockSpan,
  maxLogs: number = MAX_LOGS,
): Portion[] {
  const portions: Portion[] = [];
  let from = fromBlock;
  let some: ContractLog[] = [];
  for (const [block, ofBlock] of Map.groupBy(logs, ({ blockNumber }) => blockNumber)) {
    if (some.length > 0 && some.length + ofBlock.length > maxLogs) {
      portions.push({ span: { fromBlock: from, toBlock: block - 1 }, logs: some });
      from = block;
      some = [];
    }
    some.push(...ofBlock);
  }
  return [...portions, { span: { fromBlock: from, toBlock }, logs: some }];
}
