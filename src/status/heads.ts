import type { FinalityRule } from '../chains/shared/finality-source.ts';
import { type Kept, keep, within } from './kept.ts';
import type { ChainPlace } from './sources.ts';

/** What a node of a chain says now, and those that tell what is final of it, which may be others: a beacon node, a relay chain's. */
export interface HeadView {
  readonly head: number;
  /** Undefined while none of those answers. */
  readonly finalHead: number | undefined;
  readonly rule: FinalityRule | undefined;
}

/** What the nodes of all chains say, by chain id; a chain that does not answer in time is undefined. */
export type Heads = ReadonlyMap<bigint, HeadView | undefined>;

const KEPT_MS = 1000;
const DEADLINE_MS = 3000;
/** Less, so that what is not told of finality hides no head. */
const FINALITY_MS = 2500;

/** Asks the nodes of all chains where they are, each by itself, at most once a second. */
export function createHeads(places: readonly ChainPlace[]): Kept<Heads> {
  return keep(KEPT_MS, async () => {
    const asked = places.map(async (place) => {
      return [place.chainId, await within(DEADLINE_MS, () => look(place))] as const;
    });
    return new Map(await Promise.all(asked));
  });
}

async function look({ chain, rule }: ChainPlace): Promise<HeadView> {
  const [head, final, finality] = await Promise.all([
    chain.head(),
    within(FINALITY_MS, () => chain.finalizedHead()),
    within(FINALITY_MS, rule),
  ]);
  return { head: head.number, finalHead: final?.number, rule: finality };
}
