import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BridgedChain,
  ChainError,
  type ChainName,
  type ChainSigner,
  type Receipt,
  type SignedCall,
} from './bridged-chain.ts';

/** The part of a chain that signs and sends. */
export type TransactionSender = Pick<
  BridgedChain,
  'signer' | 'nonceOf' | 'sign' | 'broadcast' | 'receiptOf'
>;

interface Submission {
  readonly chain: ChainName;
  readonly signer: ChainSigner;
  readonly pollMs: number;
  sign(): Promise<SignedCall>;
}

const PATIENCE_MS = 120_000;

/** The last submission of each account: one follows the other, so that two never take the same nonce. */
const lastOf = new Map<string, Promise<unknown>>();

/** Signs, broadcasts and waits for inclusion. @throws {ChainError} CHAIN_TRANSACTION_LOST */
export async function submitAndWait(
  sender: Pick<TransactionSender, 'broadcast' | 'receiptOf'>,
  submission: Submission,
): Promise<Receipt> {
  const account = `${submission.chain} ${submission.signer.address}`;
  const before = lastOf.get(account) ?? Promise.resolve();
  const mine = before.then(() => submitNow(sender, submission));
  lastOf.set(
    account,
    mine.catch(() => undefined),
  );
  return await mine;
}

async function submitNow(
  sender: Pick<TransactionSender, 'broadcast' | 'receiptOf'>,
  { chain, pollMs, sign }: Submission,
): Promise<Receipt> {
  const signed = await sign();
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
