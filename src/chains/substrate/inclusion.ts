import type { BlockRef, SentPlace } from '../shared/bridged-chain.ts';
import type { BlockRecord, ExtrinsicOutcome, SubstrateBlocks } from './blocks.ts';
import { MORTAL_BLOCKS } from './sign-extrinsic.ts';

/** Where a block includes an extrinsic. */
export interface Inclusion {
  readonly block: BlockRecord;
  readonly extrinsic: ExtrinsicOutcome;
}

const KEPT_SEARCHES = 256;

/**
 * Creates a search for extrinsics by hash: nodes keep no index of them.
 *
 * Each search goes on where the last one ended, and starts again when a fork has replaced the block it ended at. It goes no further than
 * an extrinsic can: of one that nobody took a relayer that was away for a day would look into every block since.
 */
export function createInclusionSearch(
  blocks: SubstrateBlocks,
): (signed: SentPlace) => Promise<Inclusion | undefined> {
  const searched = new Map<string, BlockRef>();
  return async (signed) => {
    const head = await blocks.head();
    const last = Math.min(head.number, signed.signedAt + MORTAL_BLOCKS);
    for (let number = await nextNumber(blocks, signed, searched.get(signed.hash)); ; number++) {
      if (number > last) return undefined;
      const hash = await blocks.hashOf(number);
      if (hash === undefined) return undefined;
      const block = await blocks.record(hash);
      const extrinsic = block.extrinsics.find((outcome) => outcome.hash === signed.hash);
      if (extrinsic !== undefined) return { block, extrinsic };
      searched.set(signed.hash, { number, hash });
      forgetOldest(searched);
    }
  };
}

async function nextNumber(
  blocks: SubstrateBlocks,
  signed: SentPlace,
  last: BlockRef | undefined,
): Promise<number> {
  const first = signed.signedAt + 1;
  if (last === undefined) return first;
  return (await blocks.hashOf(last.number)) === last.hash ? last.number + 1 : first;
}

function forgetOldest(searched: Map<string, BlockRef>): void {
  const [oldest] = searched.keys();
  if (searched.size > KEPT_SEARCHES && oldest !== undefined) searched.delete(oldest);
}
