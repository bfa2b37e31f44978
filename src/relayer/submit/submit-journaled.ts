import {
  awaitInclusion,
  LIFETIME_BLOCKS,
  type Patience,
  patienceOf,
} from '../../chains/shared/await-inclusion.ts';
import {
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type Receipt,
  type SignedCall,
} from '../../chains/shared/bridged-chain.ts';
import type { Bridge, Side } from '../bridge.ts';
import { RelayerError } from '../bridge.ts';
import {
  markSubmission,
  recordIntent,
  type SubmissionRow,
  submissionsIn,
} from '../journal/submissions.ts';
import { pause } from '../pause.ts';
import { receiptOrFailure } from './settle-submissions.ts';

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
    const held = await settleOpen(bridge, side);
    const outbids = held && { outbids: held.raw };
    const signed = await side.chain.sign(side.signer, { ...call, ...outbids });
    const { chainId } = side.chain;
    const { address: account } = side.signer;
    await recordIntent(bridge.database, { ...signed, chainId, account, subject });
    // Not before: while nothing stands in its place it still holds its nonce, and the next call has to outbid it.
    if (held !== undefined) await markSubmission(bridge.database, held.hash, { state: 'lost' });
    await side.chain.broadcast(signed);
    await markSubmission(bridge.database, signed.hash, { state: 'broadcast' });
    return await awaitBlock(bridge, side, signed);
  });
}

/**
 * Finishes what an earlier run left between its intent and a block.
 *
 * @returns what still holds the next nonce, for the next transaction to outbid
 */
async function settleOpen(bridge: Bridge, side: Side): Promise<SubmissionRow | undefined> {
  const open = { chainId: side.chain.chainId, states: ['intent', 'broadcast'] } as const;
  let holding: SubmissionRow | undefined;
  for (const row of await submissionsIn(bridge.database, open)) {
    if (row.account === side.signer.address) holding = await settleRow(bridge, side, row);
  }
  return holding;
}

/** @returns the row, if its transaction holds a nonce that no block takes */
async function settleRow(
  bridge: Bridge,
  side: Side,
  row: SubmissionRow,
): Promise<SubmissionRow | undefined> {
  const { database, log } = bridge;
  const { hash, subject, signedAt } = row;
  const receipt = await receiptOrFailure(side, row);
  if (receipt === 'failed') {
    await markSubmission(database, hash, { state: 'failed' });
  } else if (receipt !== undefined) {
    await markSubmission(database, hash, { state: 'included', blockNumber: receipt.blockNumber });
  } else if (await isPassed(side, row)) {
    await markSubmission(database, hash, { state: 'lost' });
  } else if ((await side.chain.head()).number > signedAt + LIFETIME_BLOCKS) {
    return row;
  } else {
    log.info({ chain: side.chain.name, subject, hash }, 'broadcasting again');
    await broadcastAgain(bridge, side, row);
  }
  return undefined;
}

/** Another transaction has its nonce. */
async function isPassed(side: Side, row: SignedCall): Promise<boolean> {
  return (await side.chain.nonceOf(side.signer)) > row.nonce;
}

async function broadcastAgain(bridge: Bridge, side: Side, row: SignedCall): Promise<void> {
  try {
    await side.chain.broadcast(row);
    await awaitBlock(bridge, side, row);
  } catch (error) {
    const isRefused = error instanceof ChainError && error.code === 'CHAIN_TRANSACTION_REFUSED';
    if (!isRefused && !(error instanceof ChainCallReverted)) throw error;
    // What it was for is decided anew by whoever asked for it.
    await markSubmission(bridge.database, row.hash, { state: isRefused ? 'lost' : 'failed' });
  }
}

async function awaitBlock(bridge: Bridge, side: Side, signed: SignedCall): Promise<Receipt> {
  const { database } = bridge;
  const { chain } = side;
  const reader = {
    name: chain.name,
    head: () => chain.head(),
    receiptOf: (each: SignedCall) => chain.receiptOf(each),
    // The account is the operator's too: `relayer post` may have been quicker with the nonce.
    isPassed: (each: SignedCall) => isPassed(side, each),
  };
  try {
    const receipt = await awaitInclusion(reader, signed, patience(bridge));
    const { blockNumber } = receipt;
    await markSubmission(database, signed.hash, { state: 'included', blockNumber });
    return receipt;
  } catch (error) {
    if (error instanceof ChainCallReverted) {
      await markSubmission(database, signed.hash, { state: 'failed' });
    }
    throw error;
  }
}

/** Waits as everywhere, but not beyond the end of the relayer. */
function patience({ pollMs, signal }: Bridge): Patience {
  return {
    ...patienceOf(pollMs),
    pause: async (ms) => {
      if (signal.aborted) throw new RelayerError('RELAYER_STOPPING', 'stopped before inclusion');
      await pause(ms, signal);
    },
  };
}
