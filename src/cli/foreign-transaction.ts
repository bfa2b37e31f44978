import {
  type BridgedChain,
  ChainCallReverted,
  ChainError,
  type Receipt,
} from '../chains/shared/bridged-chain.ts';
import { decodeLogs } from '../chains/shared/decode-logs.ts';
import type { LogIndex } from '../client/log-index.ts';
import { reportFailed, reportUnknown, type TransferReport } from '../client/transfer-report.ts';
import type { Hex } from '../shared/bytes.ts';

/** A chain with its gateway, and how far the logs there have been read. */
export interface ReadPlace {
  readonly chain: Pick<BridgedChain, 'name' | 'chainId' | 'head' | 'receiptOf'>;
  readonly gateway: Hex;
  readonly index: Pick<LogIndex, 'headNumber'>;
}

/**
 * What is said of a transaction that no deposit was read of: that a chain has it and what it did there, or that no chain tells of it. Nodes
 * of Substrate keep no index of transactions, and never do.
 *
 * @param hash 32 bytes
 */
export async function reportForeign(
  places: readonly ReadPlace[],
  hash: Hex,
): Promise<TransferReport> {
  for (const place of places) {
    const { chain } = place;
    const { number: signedAt } = await chain.head();
    try {
      const receipt = await chain.receiptOf({ hash, signedAt });
      if (receipt !== undefined) return reportReceipt(place, receipt);
    } catch (error) {
      if (error instanceof ChainCallReverted) {
        return reportFailed(
          `${chain.name} has the transaction, and it failed: no deposit was made`,
        );
      }
      if (!(error instanceof ChainError)) throw error;
    }
  }
  return reportUnknown('no gateway of the configuration has logged a deposit in this transaction');
}

/** The receipt is newer than what was read of the chain: it may be of a block since, or of another fork. */
function reportReceipt(
  { chain: { name, chainId }, gateway, index }: ReadPlace,
  { blockNumber, logs }: Receipt,
): TransferReport {
  const where = `block ${blockNumber} of ${name} has the transaction`;
  const own = logs.filter(({ address }) => address === gateway);
  const { messages } = decodeLogs(own, { chain: name, chainId, gateway, isFinal: false });
  if (messages.length > 0 || blockNumber > index.headNumber()) {
    const next = 'look again: the block came while the chains were read';
    return { ...reportUnknown(`${where}, and its deposits are not read yet`), next };
  }
  const what = 'no gateway of the configuration took a deposit in it: it called another contract';
  return reportUnknown(`${where}, and ${what}`, 'wrong contract');
}
