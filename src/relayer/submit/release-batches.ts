import { revertNameOf } from '../../chains/shared/abi.ts';
import { ChainCallReverted, refusalIn } from '../../chains/shared/bridged-chain.ts';
import type { CallBudget } from '../../chains/shared/call-budget.ts';
import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import { positionAfterBatch } from '../../protocol/release.ts';
import type { HoldReason } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { type Bridge, RelayerError, type Side } from '../bridge.ts';
import { batchesAfter, forgetBatches, type SignedReleaseBatch } from '../journal/batches.ts';
import { holdsOn, isBatchHeld } from '../journal/holds.ts';
import { openFor } from '../journal/submissions.ts';
import { budgetFor, noteFailed, noteTried } from './batch-budgets.ts';
import { type Handed, handOverLine } from './hand-over.ts';
import { keyOf } from './lead.ts';
import { noteHeld } from './note-held.ts';
import { batchSubject, payoutsOf, releaseCall } from './release-call.ts';
import { requireWorth } from './require-worth.ts';
import { awaitEnd, prepareAccount } from './submit-journaled.ts';
import { countLanded, type Tally, windowOf } from './window.ts';

function releasedHead({ chain, gateway }: Pick<Side, 'chain' | 'gateway'>): Promise<Hex> {
  return chain.word(gateway, GATEWAY_SLOTS.releasedHead);
}

/** Batches that are signed and handed over together: a commit of the same account comes between them and the next. */
const HANDED_AT_ONCE = 16;

/** A batch that is to go. */
interface Sending {
  readonly signed: SignedReleaseBatch;
  /** What it may use; left out, it is under way since before a restart, and nobody knows. */
  readonly budget: CallBudget | undefined;
}

/** A batch that is under way. */
interface Flying extends Sending {
  readonly handed: Handed;
  /** The head when nodes had been given it. */
  readonly waitedAt: number;
}

/** What a gateway waits for, as far as it is under way. */
interface Line {
  readonly flying: Flying[];
  /** Whether the first that was not under way already was tried. */
  isTried: boolean;
  /** The gateway's released head after all that is under way. */
  at: Hex;
  /** What the newest block has of it. */
  tally?: Tally | undefined;
}

/**
 * Submits to a gateway all that it waits for, one batch right behind the other: the nonces of the account keep them in order, so a block
 * takes as many as it has room for. Only the first can be tried before it is sent.
 */
export async function releaseBatches(bridge: Bridge, side: Side): Promise<void> {
  await prepareAccount(bridge, side);
  const line: Line = { flying: [], isTried: false, at: await releasedHead(side) };
  for (;;) {
    let isSending = true;
    while (isSending) isSending = await sendNext(bridge, side, line);
    do {
      if (!(await landNext(bridge, side, line))) return;
    } while (isFull(side, line));
  }
}

/** Whether there is room for so few batches that handing them over one by one would take the time of many. */
function isFull(side: Side, { flying }: Line): boolean {
  const most = windowOf(side);
  return most - flying.length < Math.min(HANDED_AT_ONCE, Math.ceil(most / 3));
}

/** @returns whether there was a batch to send, and room for it */
async function sendNext(bridge: Bridge, side: Side, line: Line): Promise<boolean> {
  const limit = Math.min(windowOf(side) - line.flying.length, HANDED_AT_ONCE);
  if (limit <= 0) return false;
  const [next, ...behind] = await sendable(bridge, side, { prevHead: line.at, limit });
  if (next === undefined || !(await isReady(bridge, side, { line, next }))) return false;
  const toSend = (signed: SignedReleaseBatch): Sending => {
    return { signed, budget: budgetFor(side, signed.batch) };
  };
  const first = toSend(next);
  const together = [first, ...(line.isTried ? behind.map(toSend) : [])] as const;
  const handed = await holding(bridge, side, next, () => send(bridge, side, together));
  if (handed === undefined) return false;
  const { number: waitedAt } = await side.chain.head();
  for (const [i, one] of handed.entries()) {
    const sending = together[i] ?? first;
    line.flying.push({ ...sending, handed: one, waitedAt });
    line.at = positionAfterBatch(sending.signed.batch).head;
  }
  return true;
}

/** The batches of a line that nobody holds, up to the first that somebody does. */
async function sendable(
  bridge: Bridge,
  side: Side,
  from: { readonly prevHead: Hex; readonly limit: number },
): Promise<SignedReleaseBatch[]> {
  const next = await batchesAfter(bridge.database, side.chain.chainId, from);
  if (next.length === 0) return [];
  const holds = await holdsOn(bridge.database);
  const held = next.findIndex(({ batch }) => isBatchHeld(holds, batch));
  if (held === -1) return next;
  const [first] = next.slice(held);
  if (first) await noteHeld(bridge, side, { ...first.batch, reason: 'held-by-operator' });
  return next.slice(0, held);
}

/** Whether a batch may go: it is under way since before a restart, or it is known what it takes and the first of the line was tried. */
async function isReady(
  bridge: Bridge,
  side: Side,
  { line, next }: { readonly line: Line; readonly next: SignedReleaseBatch },
): Promise<boolean> {
  const isKnown = line.isTried && budgetFor(side, next.batch) !== undefined;
  if (isKnown || (await isOpen(bridge, side, next))) return true;
  // What is under way has to be in a block before the next can be tried.
  if (line.flying.length > 0) return false;
  const budget = await holding(bridge, side, next, () => tryFirst(bridge, side, next));
  line.isTried = budget !== undefined;
  return line.isTried;
}

async function isOpen(
  { database }: Bridge,
  side: Side,
  { batch }: SignedReleaseBatch,
): Promise<boolean> {
  return (await openFor(database, keyOf(side), batchSubject(batch))) !== undefined;
}

/** Tries the batch that the gateway waits for, and weighs the line that it begins. */
async function tryFirst(
  bridge: Bridge,
  side: Side,
  signed: SignedReleaseBatch,
): Promise<CallBudget> {
  await requireOwn(bridge, side, signed);
  const { chain, signer, limits, profit } = side;
  const { batch } = signed;
  const call = releaseCall(signed);
  const budget = await chain.budget(signer, call);
  noteTried(side, batch, budget);
  if (profit !== undefined) {
    const { firstIndex } = batch;
    const { costWei } = await chain.sign(signer, call, { budget, ceilings: limits.ceilings });
    const payouts = payoutsOf(batch);
    await requireWorth(bridge, { chain, profit }, { firstIndex, costWei, payouts });
  }
  return budget;
}

/** Hands over one right behind the other, up to the first of which nobody knows what it takes, or that is signed for another account. */
async function send(
  bridge: Bridge,
  side: Side,
  [next, ...behind]: readonly [Sending, ...Sending[]],
): Promise<readonly Handed[]> {
  await requireOwn(bridge, side, next.signed);
  const submissionOf = ({ signed, budget }: Sending) => {
    const call = releaseCall(signed);
    return { subject: batchSubject(signed.batch), call, ...(budget && { budget }) };
  };
  const end = behind.findIndex(({ signed, budget }) => {
    return budget === undefined || signed.submitter !== side.signer.address;
  });
  const fit = end === -1 ? behind : behind.slice(0, end);
  return await handOverLine(bridge, side, [submissionOf(next), ...fit.map(submissionOf)]);
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

/** Waits for the block of the first that is under way. @returns whether there was one, and it was this relayer that paid it */
async function landNext(bridge: Bridge, side: Side, line: Line): Promise<boolean> {
  const next = line.flying.shift();
  if (next === undefined) return false;
  const { signed, budget, handed, waitedAt } = next;
  try {
    const landed = await holding(bridge, side, signed, () => awaitEnd(bridge, side, handed));
    if (landed === undefined) return false;
    line.tally = countLanded(side, line.tally, { ...landed, waitedAt });
    return true;
  } catch (error) {
    if (error instanceof ChainCallReverted) noteFailed(side, signed.batch.firstIndex, budget);
    throw error;
  }
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
