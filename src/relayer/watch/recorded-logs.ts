import type { ContractLog } from '../../chains/shared/bridged-chain.ts';
import type { Side } from '../bridge.ts';
import type { Portion } from './portions.ts';

/** Logs of blocks that were not final when they were recorded, by their places. */
interface Recorded {
  readonly upTo: number;
  readonly logs: readonly Placed[];
}

type Placed = Pick<ContractLog, 'blockNumber' | 'blockHash' | 'logIndex'>;

const recorded = new WeakMap<Side, Recorded>();

/**
 * What is new of a chain's blocks that are not final: all of them are read at every head, and on a chain whose finality is slow nearly all of
 * that has been recorded before. If that is not there any more as it was, a fork has replaced it, and everything is new.
 *
 * @param logs all of the span, in the chain's order
 */
export function beyondRecorded(side: Side, { span, logs }: Portion): Portion {
  const last = recorded.get(side);
  if (last === undefined || last.upTo >= span.toBlock) return { span, logs };
  const known = last.logs.filter(({ blockNumber }) => blockNumber >= span.fromBlock);
  const again = logs.filter(({ blockNumber }) => blockNumber <= last.upTo);
  if (!isSame(known, again)) return { span, logs };
  const fromBlock = Math.max(span.fromBlock, last.upTo + 1);
  return { span: { ...span, fromBlock }, logs: logs.slice(again.length) };
}

/** Notes that all of this is recorded now. */
export function noteRecorded(side: Side, { span: { toBlock }, logs }: Portion): void {
  const places = logs.map(({ blockNumber, blockHash, logIndex }) => {
    return { blockNumber, blockHash, logIndex };
  });
  recorded.set(side, { upTo: toBlock, logs: places });
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
