import { type BridgedChain, ChainError } from '../chains/shared/bridged-chain.ts';
import type { Hex } from '../shared/bytes.ts';

/**
 * Where a transaction is that no gateway of ours has logged a deposit in; undefined if no chain tells of it. Nodes of Substrate keep no
 * index of transactions.
 */
export async function describeForeign(
  chains: ReadonlyMap<bigint, Pick<BridgedChain, 'name' | 'head' | 'receiptOf'>>,
  hash: Hex,
): Promise<string | undefined> {
  for (const chain of chains.values()) {
    const { number: signedAt } = await chain.head();
    try {
      const receipt = await chain.receiptOf({ hash, signedAt });
      if (receipt === undefined) continue;
      const where = `block ${receipt.blockNumber} of ${chain.name} has the transaction`;
      return `${where}, and no gateway of the configuration took a deposit in it: it called another contract`;
    } catch (error) {
      if (error instanceof ChainError) continue;
      return `${chain.name} has the transaction, and it failed: no deposit was made`;
    }
  }
  return undefined;
}
