import type { BridgedChain, ContractLog } from '../chains/shared/bridged-chain.ts';
import { decodeLogs, joinSeen, NOTHING_SEEN, type SeenLogs } from '../chains/shared/decode-logs.ts';
import type { Hex } from '../shared/bytes.ts';

/** What a few contracts logged, read once each and kept: what a status view looks things up in. */
export interface LogIndex {
  /** Reads what is new. Blocks that are not final are read again each time, so a fork leaves no trace. */
  refresh(): Promise<void>;
  /** All that was logged so far, in the chain's order. */
  seen(): SeenLogs;
  /** Number of the newest final block at the last refresh; −1 before the first. */
  finalizedNumber(): number;
  /** Number of the newest block at the last refresh; −1 before the first. */
  headNumber(): number;
}

/** Whose logs an index is over. */
export interface LogSource {
  readonly chain: BridgedChain;
  readonly gateway: Hex;
  /** The anchor, on its chain. */
  readonly anchor?: Hex;
  /** Block in which the first of them was deployed. */
  readonly fromBlock: number;
}

/** Creates an index over the logs of a chain's contracts. */
export function createLogIndex(source: LogSource): LogIndex {
  const { chain } = source;
  let final = NOTHING_SEEN;
  let fresh = NOTHING_SEEN;
  let finalizedNumber = -1;
  let headNumber = -1;
  let nextBlock = source.fromBlock;

  return {
    refresh: async () => {
      const [finalized, head] = await Promise.all([chain.finalizedHead(), chain.head()]);
      const settled = await readLogs(source, nextBlock, finalized.number);
      const firstFresh = Math.max(nextBlock, finalized.number + 1);
      const unsettled = await readLogs(source, firstFresh, head.number);
      final = joinSeen(final, decode(source, { logs: settled, isFinal: true }));
      fresh = decode(source, { logs: unsettled, isFinal: false });
      nextBlock = firstFresh;
      finalizedNumber = finalized.number;
      headNumber = head.number;
    },
    seen: () => joinSeen(final, fresh),
    finalizedNumber: () => finalizedNumber,
    headNumber: () => headNumber,
  };
}

async function readLogs(
  { chain, gateway, anchor }: LogSource,
  fromBlock: number,
  toBlock: number,
): Promise<ContractLog[]> {
  if (toBlock < fromBlock) return [];
  const addresses = anchor === undefined ? [gateway] : [gateway, anchor];
  return await chain.logs({ addresses, fromBlock, toBlock });
}

interface Segment {
  readonly logs: readonly ContractLog[];
  readonly isFinal: boolean;
}

function decode({ chain, gateway }: LogSource, { logs, isFinal }: Segment): SeenLogs {
  return decodeLogs(logs, { chain: chain.name, chainId: chain.chainId, gateway, isFinal });
}
