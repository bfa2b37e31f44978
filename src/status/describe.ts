import type { CommitSeen } from '../chains/shared/decode-logs.ts';
import { explain } from '../protocol/explain.ts';
import { type Step, type Subject, stepFor } from '../protocol/transfer-state.ts';
import type { JournaledChange } from '../relayer/journal/state-changes.ts';
import type { Hex } from '../shared/bytes.ts';
import type { EtaAnswer, StepAnswer } from './answers.ts';

/** Which transaction entered a state, where one did and it is known. */
export type TransactionOf = (change: JournaledChange) => Hex | null;

/** A step as an answer has it. */
export function describeStep(change: JournaledChange, transactionOf: TransactionOf): StepAnswer {
  const { state, reason, chainId, blockNumber, atMs } = change;
  return {
    state,
    reason,
    chainId: `${chainId}`,
    blockNumber,
    transactionHash: transactionOf(change),
    seenAt: new Date(atMs).toISOString(),
  };
}

/** Where something is, why, and who acts next; undefined if it never was anywhere. */
export function describeStanding(
  subject: Subject,
  steps: readonly Step[],
  eta: EtaAnswer | undefined,
) {
  const explained = explain(subject, steps);
  if (explained === undefined) return undefined;
  const { state, reason, standing, cause, isOver, who, next, command } = explained;
  return {
    state,
    reason,
    standing,
    cause,
    isOver,
    next: { who, what: next, command: command ?? null },
    eta: eta ?? null,
  };
}

/** Of a message's steps: the deposit's transaction, or that of the commit that consumed it. */
export function messageTransactions(
  { transactionHash, index, chainId }: MessageOf,
  commits: readonly CommitSeen[],
): TransactionOf {
  return (change) => {
    const { state } = stepFor(change.reason);
    if (state === 'observed' || state === 'finalized') return transactionHash;
    if (state !== 'committed' && state !== 'anchored') return null;
    const commit = commits.find(
      ({ blockNumber, inputs }) =>
        blockNumber === change.blockNumber &&
        inputs.some((cursor) => cursor.chainId === chainId && cursor.count > index),
    );
    return commit?.transactionHash ?? null;
  };
}

interface MessageOf {
  readonly chainId: bigint;
  readonly index: bigint;
  readonly transactionHash: Hex | null;
}

/** Of a release's steps: its own transaction, or that of a claim in the block that shows it. */
export function payoutTransactions(
  { transactionHash, blockNumber }: Placed,
  claims: readonly Placed[],
): TransactionOf {
  return (change) => {
    if (change.reason === 'claim-assigned') return null;
    const isClaim = ['claimed-in-part', 'claim-included', 'claim-final'].includes(change.reason);
    if (!isClaim) return change.blockNumber === blockNumber ? transactionHash : null;
    const claim = claims.find((each) => each.blockNumber === change.blockNumber);
    return claim?.transactionHash ?? null;
  };
}

interface Placed {
  readonly blockNumber: number;
  readonly transactionHash: Hex;
}
