import { ChainError, type ContractLog, type LogFilter } from './bridged-chain.ts';

/**
 * What a node has answered to a question for logs, as a set in the chain's order: each log once, and none that was not asked
 * for. Nodes and what stands before them double logs, shuffle them, and add those of other contracts and blocks.
 *
 * @throws {ChainError} CHAIN_ANSWER_MALFORMED: two logs at one place, or of one block under two hashes
 */
export function cleanLogs(
  chain: string,
  { addresses, fromBlock, toBlock }: LogFilter,
  logs: readonly ContractLog[],
): ContractLog[] {
  const places = new Map<string, ContractLog>();
  const hashes = new Map<number, string>();
  for (const log of logs) {
    const { address, blockNumber, blockHash, logIndex } = log;
    if (!addresses.includes(address)) continue;
    if (blockNumber < fromBlock || blockNumber > toBlock) continue;
    if ((hashes.get(blockNumber) ?? blockHash) !== blockHash) {
      throw contradiction(
        chain,
        `block ${blockNumber} is both ${hashes.get(blockNumber)} and ${blockHash}`,
      );
    }
    hashes.set(blockNumber, blockHash);
    const place = `${blockNumber}/${logIndex}`;
    const other = places.get(place);
    if (other !== undefined && !isSame(other, log)) {
      throw contradiction(chain, `log ${logIndex} of block ${blockHash} is two different ones`);
    }
    places.set(place, log);
  }
  return [...places.values()].sort(
    (a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex,
  );
}

function isSame(a: ContractLog, b: ContractLog): boolean {
  const { topics } = b;
  return (
    a.address === b.address &&
    a.data === b.data &&
    a.transactionHash === b.transactionHash &&
    a.topics.length === topics.length &&
    a.topics.every((topic, i) => topic === topics[i])
  );
}

function contradiction(chain: string, what: string): ChainError {
  return new ChainError('CHAIN_ANSWER_MALFORMED', {
    chain,
    what: `the node contradicts itself: ${what}`,
  });
}
