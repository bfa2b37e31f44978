import type { Bridge, Side } from '../bridge.ts';
import { dateReleases, undatedBlocks } from '../journal/releases.ts';

/** Blocks that are asked for their time after one look at the chain. */
const BLOCKS_AT_ONCE = 32;
/** Blocks that are remembered as having none. */
const MOST_REFUSED = 1024;

/**
 * Creates what notes when a chain's final releases were made: their events do not say. A node that does not tell the time of a block any
 * more is not asked for it again before a restart, and holds up nothing: such a release is there without its hour.
 */
export function createReleaseDater(
  { database, log }: Pick<Bridge, 'database' | 'log'>,
  { chain }: Pick<Side, 'chain'>,
): () => Promise<void> {
  const refused = new Set<number>();
  const { chainId } = chain;
  return async () => {
    const wanted = { without: [...refused], limit: BLOCKS_AT_ONCE };
    for (const { blockNumber, blockHash } of await undatedBlocks(database, chainId, wanted)) {
      try {
        const timeSec = await chain.blockTimeSec(blockHash);
        await dateReleases(database, { chainId, blockHash }, timeSec);
      } catch (error) {
        if (refused.size >= MOST_REFUSED) refused.clear();
        refused.add(blockNumber);
        log.debug({ err: error, chain: chain.name, block: blockNumber }, 'a block has no time');
      }
    }
  };
}
