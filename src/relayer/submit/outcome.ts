import {
  type BridgedChain,
  ChainCallReverted,
  type SentPlace,
} from '../../chains/shared/bridged-chain.ts';
import { chunksOf } from '../../shared/chunks.ts';

/** What a block has made of a transaction. */
export interface Outcome {
  readonly state: 'included' | 'failed';
  readonly blockNumber: number | null;
  /** What it has cost, where the chain's receipts say it. */
  readonly gasFeeWei?: bigint;
}

/** Questions to a node at the same time. */
const AT_ONCE = 16;

/** What blocks have made of transactions; of one that no block has the outcome is undefined. */
export async function outcomesOf<S extends SentPlace>(
  chain: Pick<BridgedChain, 'receiptOf'>,
  sent: readonly S[],
): Promise<(S & { readonly outcome: Outcome | undefined })[]> {
  const known: (S & { readonly outcome: Outcome | undefined })[] = [];
  for (const some of chunksOf(sent, AT_ONCE)) {
    const asked = some.map(async (one) => ({ ...one, outcome: await outcomeOf(chain, one) }));
    known.push(...(await Promise.all(asked)));
  }
  return known;
}

async function outcomeOf(
  chain: Pick<BridgedChain, 'receiptOf'>,
  sent: SentPlace,
): Promise<Outcome | undefined> {
  try {
    const receipt = await chain.receiptOf(sent);
    if (receipt === undefined) return undefined;
    const { blockNumber, gasFeeWei } = receipt;
    return { state: 'included', blockNumber, ...(gasFeeWei !== undefined && { gasFeeWei }) };
  } catch (error) {
    if (error instanceof ChainCallReverted) return { state: 'failed', blockNumber: null };
    throw error;
  }
}
