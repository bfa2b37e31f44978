import { type BridgedChain, ChainError, type Receipt, type SentCall } from './bridged-chain.ts';

/** Blocks after which a transaction is given up: an extrinsic is dead by then, another pays too little. */
export const LIFETIME_BLOCKS = 64;
/** Much longer than any chain's blocks are apart, so that only one that stands still is given up. */
const STALL_MS = 600_000;

/** What waiting needs of a chain. */
export interface InclusionReader extends Pick<BridgedChain, 'name' | 'head' | 'receiptOf'> {
  /** Whether blocks hold a transaction of the same nonce: if it is not this one, this one is lost. */
  readonly isPassed?: (signed: SentCall) => Promise<boolean>;
}

/** How long and how often to look. */
export interface Patience {
  readonly pollMs: number;
  /** Milliseconds without a new block after which the chain is said to stand still. */
  readonly stallMs?: number;
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

/** The patience of this process's own clock. */
export function patienceOf(pollMs: number): Patience {
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  return { pollMs, nowMs: () => performance.now(), pause };
}

/**
 * Waits until a block includes the transaction. The chain's own progress ends the wait, not the clock: on a machine or
 * a chain that is slow a transaction takes longer, and is not lost for that.
 *
 * @throws {ChainCallReverted} it failed in its block
 * @throws {ChainError} CHAIN_TRANSACTION_LOST: {@link LIFETIME_BLOCKS} blocks went by without it, or another has its nonce
 * @throws {ChainError} CHAIN_STALLED: no block for `stallMs`; it may still be included
 */
export async function awaitInclusion(
  chain: InclusionReader,
  signed: SentCall,
  patience: Patience,
): Promise<Receipt> {
  const { pollMs, stallMs = STALL_MS, nowMs, pause } = patience;
  let highest = signed.signedAt;
  let newsAtMs = nowMs();
  for (;;) {
    const { receipt, head, isPassed, failure } = await look(chain, signed);
    if (receipt !== undefined) return receipt;
    if (isPassed || head > signed.signedAt + LIFETIME_BLOCKS) throw lost(chain, signed);
    if (head > highest) newsAtMs = nowMs();
    highest = Math.max(highest, head);
    if (nowMs() - newsAtMs >= stallMs) throw stalled(chain, signed, { stallMs, failure });
    await pause(pollMs);
  }
}

interface Look {
  readonly head: number;
  readonly receipt?: Receipt | undefined;
  readonly isPassed?: boolean | undefined;
  readonly failure?: unknown;
}

/** The head and the nonce first: what is not in a block up to it once they are known is not in any of them. */
async function look(chain: InclusionReader, signed: SentCall): Promise<Look> {
  try {
    const isPassed = await chain.isPassed?.(signed);
    const { number } = await chain.head();
    return { head: number, isPassed, receipt: await chain.receiptOf(signed) };
  } catch (failure) {
    // A node that does not answer for a while says nothing of the transaction.
    if (isUnanswered(failure)) return { head: -1, failure };
    throw failure;
  }
}

const UNANSWERED = new Set(['CHAIN_UNAVAILABLE', 'CHAIN_TIMEOUT', 'CHAIN_ANSWER_MALFORMED']);

/** Whether the question is still open: nobody said yes or no. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof ChainError && UNANSWERED.has(error.code);
}

function lost({ name: chain }: InclusionReader, { hash }: SentCall): ChainError {
  const what = `transaction ${hash} was not included in ${LIFETIME_BLOCKS} blocks, or another has its nonce; submit again`;
  return new ChainError('CHAIN_TRANSACTION_LOST', { chain, what });
}

function stalled(
  { name: chain }: InclusionReader,
  { hash }: SentCall,
  { stallMs, failure }: { readonly stallMs: number; readonly failure: unknown },
): ChainError {
  const seconds = stallMs / 1000;
  const what = `no new block in ${seconds} s, so transaction ${hash} waits; look for it before submitting again`;
  return new ChainError('CHAIN_STALLED', { chain, what }, { cause: failure });
}
