import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BridgedChain,
  type ChainCall,
  ChainError,
  type ChainName,
  type ChainSigner,
  type Receipt,
} from './bridged-chain.ts';

/** The part of a chain that signs and sends. */
export type TransactionSender = Pick<
  BridgedChain,
  'signer' | 'nonceOf' | 'sign' | 'broadcast' | 'receiptOf'
>;

interface Submission {
  readonly chain: ChainName;
  readonly signer: ChainSigner;
  readonly call: ChainCall;
  readonly pollMs: number;
}

const PATIENCE_MS = 120_000;

/** One submission of an account after the other, so that two never take the same nonce. */
const lastOf = new WeakMap<TransactionSender, Map<string, Promise<unknown>>>();

/** Signs, broadcasts and waits for inclusion. @throws {ChainError} CHAIN_TRANSACTION_LOST */
export async function submitAndWait(
  sender: TransactionSender,
  submission: Submission,
): Promise<Receipt> {
  const queue = lastOf.get(sender) ?? new Map<string, Promise<unknown>>();
  lastOf.set(sender, queue);
  const { address } = submission.signer;
  const before = queue.get(address) ?? Promise.resolve();
  const mine = before.then(() => submitNow(sender, submission));
  const settled = mine.catch(() => undefined);
  queue.set(address, settled);
  return await mine;
}

async function submitNow(
  sender: TransactionSender,
  { chain, signer, call, pollMs }: Submission,
): Promise<Receipt> {
  const signed = await sender.sign(signer, call);
  await sender.broadcast(signed);
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const receipt = await sender.receiptOf(signed);
    if (receipt !== undefined) return receipt;
    await sleep(pollMs);
  }
  const what = `transaction ${signed.hash} was not included in ${PATIENCE_MS / 1000} s; submit again`;
  throw new ChainError('CHAIN_TRANSACTION_LOST', { chain, what });
}
