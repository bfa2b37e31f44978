import type { BlockRef, ContractLog } from '../../chains/shared/bridged-chain.ts';
import type { Side } from '../bridge.ts';
import type { BlockSpan, Portion } from './portions.ts';

/** The newest block that was recorded before it was final, and its logs by their places. */
interface Recorded {
  readonly upTo: BlockRef;
  readonly logs: readonly Placed[];
}

type Placed = Pick<ContractLog, 'blockHash' | 'logIndex'>;

const recorded = new WeakMap<Side, Recorded>();

/**
 * Where to begin to read of blocks that are not final. While the last that was recorded is still there so are those before it: it alone is
 * read again, as what a node tells of logs may be behind what it tells of heads. What it leaves out of others is found out once they are
 * final. After a fork all are read.
 *
 * @param span all of them
 */
export async function firstToRead(side: Side, { fromBlock, toBlock }: BlockSpan): Promise<number> {
  const last = recorded.get(side);
  if (last === undefined || last.upTo.number >= toBlock) return fromBlock;
  const { number, hash } = last.upTo;
  if (number <= fromBlock) return fromBlock;
  return (await side.chain.hashAt(number)) === hash ? number : fromBlock;
}

/**
 * What is new of blocks that are not final. If what has been recorded of them is not there any more as it was, everything is new.
 *
 * @param logs all of the span, in the chain's order
 */
export function beyondRecorded(side: Side, { span, logs }: Portion): Portion {
  const last = recorded.get(side);
  const { number } = last?.upTo ?? {};
  if (number !== span.fromBlock || number >= span.toBlock) return { span, logs };
  const again = logs.filter(({ blockNumber }) => blockNumber === number);
  if (last === undefined || !isSame(last.logs, again)) return { span, logs };
  return { span: { ...span, fromBlock: number + 1 }, logs: logs.slice(again.length) };
}

/** Notes that all up to a head is recorded now, and the head's logs are among these. */
export function noteRecorded(side: Side, upTo: BlockRef, logs: readonly ContractLog[]): void {
  const places = logs
    .filter(({ blockNumber }) => blockNumber === upTo.number)
    .map(({ blockHash, logIndex }) => ({ blockHash, logIndex }));
  recorded.set(side, { upTo, logs: places });
}

/** The journal has forgotten rows of this chain: what is read next is new again. */
export function forgetRecorded(side: Side): void {
  recorded.delete(side);
}

function isSame(known: readonly Placed[], again: readonly Placed[]): boolean {
  if (known.length !== again.length) return false;
  return known.every(({ blockHash, logIndex }, i) => {
    return again[i]?.blockHash === blockHash && again[i].logIndex === logIndex;
  });
}
