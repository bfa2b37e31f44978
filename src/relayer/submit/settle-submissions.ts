import {
  type BlockRef,
  ChainCallReverted,
  type Receipt,
} from '../../chains/shared/bridged-chain.ts';
import type { Bridge, Side } from '../bridge.ts';
import { markSubmission, type SubmissionRow, submissionsIn } from '../journal/submissions.ts';

/** Notes which of our transactions are final, and puts those back that a fork has dropped. */
export async function settleSubmissions(
  bridge: Bridge,
  side: Side,
  final: BlockRef,
): Promise<void> {
  const { database } = bridge;
  const included = await submissionsIn(database, {
    chainId: side.chain.chainId,
    states: ['included'],
  });
  for (const row of included) {
    if ((row.blockNumber ?? 0) > final.number) continue;
    const receipt = await receiptOrFailure(side, row);
    if (receipt === undefined) await markSubmission(database, row.hash, { state: 'broadcast' });
    else await markSubmission(database, row.hash, { state: 'final' });
  }
}

/** The receipt; also true if the transaction is in a block and failed there. */
export async function receiptOrFailure(
  side: Side,
  row: SubmissionRow,
): Promise<Receipt | 'failed' | undefined> {
  try {
    return await side.chain.receiptOf(row);
  } catch (error) {
    if (error instanceof ChainCallReverted) return 'failed';
    throw error;
  }
}
