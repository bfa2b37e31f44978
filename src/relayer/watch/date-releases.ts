import type { Bridge, Side } from '../bridge.ts';
import { dateReleases, type UndatedBlock, undatedBlocks } from '../journal/releases.ts';

/** Blocks that are asked for their time after one look at the chain. */
const BLOCKS_AT_ONCE = 32;
/** For so long a block is not asked for again whose time was not told: that may be over, as what is pruned is not. */
const REFUSED_MS = 600_000;
/** Blocks that are remembered as having none. */
const MOST_REFUSED = 1024;

/**
 * Creates what notes when a chain's final releases were made: their events do not say. Nodes that do not tell the time of a block are left
 * alone with all of them until the next look, and with that one for ten minutes: such a release is there without its hour.
 *
 * @param nowMs a monotonic clock, in milliseconds
 */
export function createReleaseDater(
  { database, log }: Pick<Bridge, 'database' | 'log'>,
  { chain }: Pick<Side, 'chain'>,
  nowMs: () => number = () => performance.now(),
): () => Promise<void> {
  const refusedAtMs = new Map<number, number>();
  const { chainId } = chain;
  const refused = (): number[] => {
    for (const [block, atMs] of refusedAtMs) {
      if (nowMs() - atMs >= REFUSED_MS) refusedAtMs.delete(block);
    }
    return [...refusedAtMs.keys()];
  };
  const timeOf = async ({ blockNumber, blockHash }: UndatedBlock): Promise<bigint | undefined> => {
    try {
      return await chain.blockTimeSec(blockHash);
    } catch (error) {
      if (refusedAtMs.size >= MOST_REFUSED) refusedAtMs.clear();
      refusedAtMs.set(blockNumber, nowMs());
      log.debug({ err: error, chain: chain.name, block: blockNumber }, 'a block has no time');
      return undefined;
    }
  };
  return async () => {
    const wanted = { without: refused(), limit: BLOCKS_AT_ONCE };
    for (const block of await undatedBlocks(database, chainId, wanted)) {
      const timeSec = await timeOf(block);
      if (timeSec === undefined) return;
      await dateReleases(database, { chainId, blockHash: block.blockHash }, timeSec);
    }
  };
}
