import { revertNameOf } from '../../chains/shared/abi.ts';
import { ChainCallReverted, refusalIn } from '../../chains/shared/bridged-chain.ts';
import { type CallBudget, scaleBudget } from '../../chains/shared/call-budget.ts';
import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import { positionAfterBatch } from '../../protocol/release.ts';
import type { HoldReason } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { type Bridge, RelayerError, type Side } from '../bridge.ts';
import { batchAfter, forgetBatches, type SignedReleaseBatch } from '../journal/batches.ts';
import { holdsOn, isBatchHeld } from '../journal/holds.ts';
import { openFor } from '../journal/submissions.ts';
import { type Handed, handOver } from './hand-over.ts';
import { keyOf } from './lead.ts';
import { noteHeld } from './note-held.ts';
import { batchSubject, payoutsOf, releaseCall } from './release-call.ts';
import { requireWorth } from './require-worth.ts';
import { awaitEnd } from './submit-journaled.ts';

function releasedHead({ chain, gateway }: Pick<Side, 'chain' | 'gateway'>): Promise<Hex> {
  return chain.word(gateway, GATEWAY_SLOTS.releasedHead);
}

/** A batch that is under way. */
interface Flying {
  readonly signed: SignedReleaseBatch;
  readonly handed: Handed;
}

/** What the first batch of a line took when it was tried. */
interface Tried {
  readonly budget: CallBudget;
  readonly payouts: number;
}

/** What a gateway waits for, as far as it is under way. */
interface Line {
  readonly flying: Flying[];
  tried?: Tried | undefined;
  /** The gateway's released head after all that is under way. */
  at: Hex;
}

/**
 * Submits to a gateway all that it waits for, one batch right behind the other: the nonces of the account keep them in order, so a block
 * takes as many as it has room for. Only the first can be tried before it is sent.
 */
export async function releaseBatches(bridge: Bridge, side: Side): Promise<void> {
  const line: Line = { flying: [], at: await releasedHead(side) };
  for (;;) {
    let isSending = true;
    while (isSending) isSending = await sendNext(bridge, side, line);
    const first = line.flying.shift();
    if (first === undefined || !(await land(bridge, side, first))) return;
  }
}

/** @returns whether there was a batch to send, and room for it */
async function sendNext(bridge: Bridge, side: Side, line: Line): Promise<boolean> {
  if (line.flying.length >= side.limits.inFlight) return false;
  const next = await batchAfter(bridge.database, side.chain.chainId, line.at);
  if (next === undefined || (await isHeld(bridge, side, next))) return false;
  if (!(await isReady(bridge, side, { line, next }))) return false;
  const { tried } = line;
  const handed = await holding(bridge, side, next, () => send(bridge, side, { next, tried }));
  if (handed === undefined) return false;
  line.flying.push({ signed: next, handed });
  line.at = positionAfterBatch(next.batch).head;
  return true;
}

/** Whether a batch may go: it is under way since before a restart, or the first of the line was tried. */
async function isReady(
  bridge: Bridge,
  side: Side,
  { line, next }: { readonly line: Line; readonly next: SignedReleaseBatch },
): Promise<boolean> {
  if (line.tried !== undefined || (await isOpen(bridge, side, next))) return true;
  // What is under way has to be in a block before the next can be tried.
  if (line.flying.length > 0) return false;
  line.tried = await holding(bridge, side, next, () => tryFirst(bridge, side, next));
  return line.tried !== undefined;
}

async function isOpen(
  { database }: Bridge,
  side: Side,
  { batch }: SignedReleaseBatch,
): Promise<boolean> {
  return (await openFor(database, keyOf(side), batchSubject(batch))) !== undefined;
}

async function isHeld(bridge: Bridge, side: Side, { batch }: SignedReleaseBatch): Promise<boolean> {
  if (!isBatchHeld(await holdsOn(bridge.database), batch)) return false;
  await noteHeld(bridge, side, { ...batch, reason: 'held-by-operator' });
  return true;
}

/** Tries the batch that the gateway waits for, and weighs the line that it begins. */
async function tryFirst(bridge: Bridge, side: Side, signed: SignedReleaseBatch): Promise<Tried> {
  await requireOwn(bridge, side, signed);
  const { chain, signer, limits, profit } = side;
  const call = releaseCall(signed);
  const budget = await chain.budget(signer, call);
  const payouts = payoutsOf(signed.batch);
  if (profit !== undefined) {
    const { costWei } = await chain.sign(signer, call, { budget, ceilings: limits.ceilings });
    const { firstIndex } = signed.batch;
    await requireWorth(bridge, { chain, profit }, { firstIndex, costWei, payouts });
  }
  return { budget, payouts };
}

async function send(
  bridge: Bridge,
  side: Side,
  { next, tried }: { readonly next: SignedReleaseBatch; readonly tried: Tried | undefined },
): Promise<Handed> {
  await requireOwn(bridge, side, next);
  const payouts = payoutsOf(next.batch);
  const budget = tried && scaleBudget(tried.budget, { first: tried.payouts, payouts });
  const subject = batchSubject(next.batch);
  return await handOver(bridge, side, {
    subject,
    call: releaseCall(next),
    ...(budget && { budget }),
  });
}

/** The account may be another than when the batch was revealed; the gateway would take it from that one only. */
async function requireOwn(
  { database }: Bridge,
  { chain, signer }: Side,
  { batch: { firstIndex }, submitter }: SignedReleaseBatch,
): Promise<void> {
  if (submitter === signer.address) return;
  await forgetBatches(database, chain.chainId, firstIndex);
  const what = `the batch at ${firstIndex} is signed for ${submitter}, and ${signer.address} submits now; it is revealed anew`;
  throw new RelayerError('RELAYER_SUBMITTER_CHANGED', what);
}

/** Waits for a batch's block. @returns whether it was this relayer that paid it */
async function land(bridge: Bridge, side: Side, { signed, handed }: Flying): Promise<boolean> {
  const work = () => awaitEnd(bridge, side, handed);
  return (await holding(bridge, side, signed, work)) !== undefined;
}

/**
 * Journals why a batch does not leave, if that is what a failure says.
 *
 * @returns undefined if somebody else was quicker with the batch, which is as good
 */
async function holding<T>(
  bridge: Bridge,
  side: Side,
  { batch }: SignedReleaseBatch,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const { chainId, firstIndex, prevHead } = batch;
  try {
    return await work();
  } catch (error) {
    // A refusal in a block may not say that the gateway has moved on.
    if (error instanceof ChainCallReverted && (await releasedHead(side)) !== prevHead) {
      bridge.log.info({ chainId, firstIndex }, 'another relayer has released first');
      return undefined;
    }
    const name = revertNameOf(error);
    // Another epoch, a revoked key, a higher threshold: the enclaves of today may sign what those of then did not.
    if (name?.startsWith('Registry')) await forgetBatches(bridge.database, chainId, firstIndex);
    const reason = holdReasonOf(error);
    if (reason !== undefined) await noteHeld(bridge, side, { firstIndex, reason });
    throw error;
  }
}

const HOLD_REASONS: ReadonlyMap<string, HoldReason> = new Map([
  ['CHAIN_FEE_ABOVE_CEILING', 'fees-too-high'],
  ['RELAYER_SPENDING_EXHAUSTED', 'spending-exhausted'],
  ['RELAYER_NOT_WORTH_SENDING', 'not-worth-sending'],
]);

function holdReasonOf(error: unknown): HoldReason | undefined {
  if (revertNameOf(error) === 'GatewayPaused') return 'gateway-paused';
  if (error instanceof ChainCallReverted) return 'gateway-refused';
  if (refusalIn(error) === 'unfunded') return 'account-empty';
  return error instanceof BridgeError ? HOLD_REASONS.get(error.code) : undefined;
}
