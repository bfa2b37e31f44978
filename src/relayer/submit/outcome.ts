import {
  type BridgedChain,
  ChainCallReverted,
  type SentCall,
} from '../../chains/shared/bridged-chain.ts';

/** What a block has made of a transaction. */
export interface Outcome {
  readonly state: 'included' | 'failed';
  readonly blockNumber: number | null;
  /** What it has cost, where the chain's receipts say it. */
  readonly gasFeeWei?: bigint;
}

/** What a block has made of a transaction; undefined if none has it. */
export async function outcomeOf(
  chain: Pick<BridgedChain, 'receiptOf'>,
  sent: SentCall,
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
