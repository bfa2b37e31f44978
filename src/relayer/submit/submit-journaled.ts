import type { Bridge, Side } from '../bridge.ts';
import { RelayerError } from '../bridge.ts';
import {
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type Receipt,
  type SignedCall,
} from '../chains/bridged-chain.ts';
import { markSubmission, recordIntent, submissionsIn } from '../journal/submissions.ts';
import { pause } from '../pause.ts';
import { receiptOrFailure } from './settle-submissions.ts';

/** How long a transaction may wait for a block before it is signed anew. */
const PATIENCE_MS = 60_000;
/** No node includes a mortal extrinsic later than this many blocks after it was signed. */
const LIFETIME_BLOCKS = 64;

interface Submission {
  /** What it is for, as an id. */
  readonly subject: string;
  readonly call: ChainCall;
}

/**
 * Submits a call and waits for its block: nonce, intent on disk, broadcast, inclusion. After a crash anywhere the
 * next submission first settles what this one left open, so no nonce is used twice and none is skipped.
 *
 * @throws {ChainCallReverted} the contract refuses
 */
export async function submitJournaled(
  bridge: Bridge,
  side: Side,
  { subject, call }: Submission,
): Promise<Receipt> {
  return await side.submitting.run(async () => {
    await settleOpen(bridge, side);
    const signed = await side.chain.sign(side.signer, call);
    const chain = side.chain.name;
    await recordIntent(bridge.database, {
      ...signed,
      chain,
      account: side.signer.address,
      subject,
    });
    await side.chain.broadcast(signed);
    await markSubmission(bridge.database, signed.hash, { state: 'broadcast' });
    return await awaitInclusion(bridge, side, signed);
  });
}

/** Finishes what an earlier run left between its intent and a block. */
async function settleOpen(bridge: Bridge, side: Side): Promise<void> {
  const { database, log } = bridge;
  const chain = side.chain.name;
  for (const row of await submissionsIn(database, { chain, states: ['intent', 'broadcast'] })) {
    if (row.account !== side.signer.address) continue;
    const receipt = await receiptOrFailure(side, row);
    if (receipt !== undefined) {
      const to = receipt === 'failed' ? {} : { blockNumber: receipt.blockNumber };
      const state = receipt === 'failed' ? 'failed' : 'included';
      await markSubmission(database, row.hash, { state, ...to });
    } else if (await isDead(side, row)) {
      await markSubmission(database, row.hash, { state: 'lost' });
    } else {
      log.info({ chain, subject: row.subject, hash: row.hash }, 'broadcasting again');
      await broadcastAgain(bridge, side, row);
    }
  }
}

/** Its nonce is another's, or its time is over. */
async function isDead(side: Side, row: SignedCall): Promise<boolean> {
  if ((await side.chain.nonceOf(side.signer)) > row.nonce) return true;
  if (side.chain.name !== 'polkadot') return false;
  return (await side.chain.head()).number > row.signedAt + LIFETIME_BLOCKS;
}

async function broadcastAgain(bridge: Bridge, side: Side, row: SignedCall): Promise<void> {
  try {
    await side.chain.broadcast(row);
    await awaitInclusion(bridge, side, row);
  } catch (error) {
    const isRefused = error instanceof ChainError && error.code === 'CHAIN_TRANSACTION_REFUSED';
    if (!isRefused && !(error instanceof ChainCallReverted)) throw error;
    // What it was for is decided anew by whoever asked for it.
    await markSubmission(bridge.database, row.hash, { state: isRefused ? 'lost' : 'failed' });
  }
}

async function awaitInclusion(bridge: Bridge, side: Side, signed: SignedCall): Promise<Receipt> {
  const { database, clock, signal } = bridge;
  const deadline = clock.nowMs() + PATIENCE_MS;
  while (clock.nowMs() < deadline) {
    const receipt = await receiptOrMark(bridge, side, signed);
    if (receipt !== undefined) {
      const { blockNumber } = receipt;
      await markSubmission(database, signed.hash, { state: 'included', blockNumber });
      return receipt;
    }
    if (signal.aborted) throw new RelayerError('RELAYER_STOPPING', 'stopped before inclusion');
    await pause(bridge.pollMs, signal);
  }
  const what = `transaction ${signed.hash} was not included in ${PATIENCE_MS / 1000} s`;
  throw new ChainError('CHAIN_TRANSACTION_LOST', { chain: side.chain.name, what });
}

async function receiptOrMark(
  { database }: Bridge,
  side: Side,
  signed: SignedCall,
): Promise<Receipt | undefined> {
  try {
    return await side.chain.receiptOf(signed);
  } catch (error) {
    if (error instanceof ChainCallReverted) {
      await markSubmission(database, signed.hash, { state: 'failed' });
    }
    throw error;
  }
}
