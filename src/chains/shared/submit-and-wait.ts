import type { Hex } from '../../shared/bytes.ts';
import { awaitInclusion, isUnanswered, type Patience } from './await-inclusion.ts';
import {
  type BridgedChain,
  ChainCallReverted,
  ChainError,
  type ChainSigner,
  type Receipt,
  type SentCall,
} from './bridged-chain.ts';

/** The part of a chain that signs and sends. */
export type TransactionSender = Pick<
  BridgedChain,
  'signer' | 'setupOf' | 'nonceOf' | 'budget' | 'sign' | 'renew' | 'broadcast' | 'receiptOf'
>;

/** What submitting needs of a chain. */
export type Submitter = Pick<BridgedChain, 'name' | 'head' | 'broadcast' | 'receiptOf'> &
  Partial<Pick<BridgedChain, 'nonceOf'>>;

interface Submission {
  readonly signer: ChainSigner;
  readonly patience: Patience;
  /** @param outbids a raw transaction that holds the account's next nonce, to be replaced */
  sign(outbids: Hex | undefined): Promise<SentCall>;
}

/** What an account of this process does: one thing after the other, so that two never take the same nonce. */
interface Account {
  last: Promise<unknown>;
  /** Signed and handed out, and nobody knows yet what became of it. */
  open?: SentCall | undefined;
}

/** By connection and address. */
const accounts = new WeakMap<Submitter, Map<Hex, Account>>();

/**
 * Signs, broadcasts and waits for inclusion. A broadcast without an answer is no refusal: the transaction is looked for
 * and handed over again. Until it is known what became of one, the account signs no other.
 *
 * @param chain the same object each time: what an account has open is known by connection
 * @throws {ChainCallReverted} @throws {ChainError} CHAIN_TRANSACTION_REFUSED, CHAIN_TRANSACTION_LOST, CHAIN_STALLED
 */
export async function submitAndWait(chain: Submitter, submission: Submission): Promise<Receipt> {
  const account = accountOf(chain, submission.signer.address);
  const mine = account.last.then(() => submitNow(chain, submission, account));
  account.last = mine.catch(() => undefined);
  return await mine;
}

function accountOf(chain: Submitter, address: Hex): Account {
  const ofChain = accounts.get(chain) ?? new Map<Hex, Account>();
  accounts.set(chain, ofChain);
  const account = ofChain.get(address) ?? { last: Promise.resolve() };
  ofChain.set(address, account);
  return account;
}

async function submitNow(
  chain: Submitter,
  submission: Submission,
  account: Account,
): Promise<Receipt> {
  const outbids = account.open && (await settle(chain, account.open, submission));
  account.open = await submission.sign(outbids);
  try {
    const receipt = await deliver(chain, account.open, submission);
    account.open = undefined;
    return receipt;
  } catch (error) {
    if (isDecided(error)) account.open = undefined;
    throw error;
  }
}

/**
 * Finds out what became of a transaction that an earlier submission had to leave open.
 *
 * @returns the transaction, if it still holds its nonce and no block takes it
 */
async function settle(
  chain: Submitter,
  open: SentCall,
  submission: Submission,
): Promise<Hex | undefined> {
  try {
    await deliver(chain, open, submission);
  } catch (error) {
    if (error instanceof ChainError && error.code === 'CHAIN_TRANSACTION_LOST') return open.raw;
    if (!isDecided(error)) throw error;
  }
  return undefined;
}

/** Failed in its block, or taken by no node. */
function isDecided(error: unknown): boolean {
  const isRefused = error instanceof ChainError && error.code === 'CHAIN_TRANSACTION_REFUSED';
  return isRefused || error instanceof ChainCallReverted;
}

/** Broadcasts until the node has said yes or no, and waits for the block. */
async function deliver(
  chain: Submitter,
  signed: SentCall,
  { signer, patience }: Submission,
): Promise<Receipt> {
  let isTaken = await broadcastOnce(chain, signed);
  const insisting = {
    name: chain.name,
    head: () => chain.head(),
    // Another process may use the same key, and have been quicker with the nonce.
    isPassed: async () => ((await chain.nonceOf?.(signer)) ?? 0) > signed.nonce,
    receiptOf: async () => {
      if (!isTaken) isTaken = await broadcastOnce(chain, signed);
      return await chain.receiptOf(signed);
    },
  };
  return await awaitInclusion(insisting, signed, patience);
}

async function broadcastOnce(chain: Submitter, signed: SentCall): Promise<boolean> {
  try {
    await chain.broadcast(signed);
    return true;
  } catch (error) {
    if (isUnanswered(error)) return false;
    throw error;
  }
}
