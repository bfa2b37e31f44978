import { type Explanation, explain, type Standing } from '../protocol/explain.ts';
import { messageSubject, releaseSubject } from '../protocol/transfer-state.ts';
import type { TransferRef } from '../protocol/transfer-tags.ts';
import { currentChange } from './next-step.ts';
import type { StateChange } from './transfer-history.ts';

/** Where a transfer is, why, and what comes next, with all that shows it. */
export interface TransferReport extends Pick<Explanation, 'cause' | 'next' | 'isOver' | 'command'> {
  /** `unknown`: nothing on these chains is of it. `wrong contract`: what is on them is another contract's. `failed`: its transaction did nothing. */
  readonly standing: Standing | 'unknown' | 'wrong contract' | 'failed';
  /** Who has to act next. */
  readonly who: Explanation['who'] | 'you';
  /** Whether nothing follows that the chains show. */
  readonly isOver: boolean;
  /** The state it is in; undefined if nothing is known of it. */
  readonly state: Explanation['state'] | undefined;
  readonly history: readonly StateChange[];
}

/** What a transfer's steps say of it; of several payouts the hindmost speaks. Undefined if there are none. */
export function reportHistory(
  history: readonly StateChange[],
  ref?: TransferRef,
): TransferReport | undefined {
  const current = currentChange(history);
  if (current === undefined) return undefined;
  const { chainId, releaseIndex } = current;
  const own = history.filter(
    (change) =>
      change.releaseIndex === releaseIndex &&
      (releaseIndex === undefined || change.chainId === chainId),
  );
  const { chainId: source = chainId, index = -1n } = ref ?? {};
  const subject =
    releaseIndex === undefined
      ? messageSubject(source, index)
      : releaseSubject(chainId, releaseIndex);
  const told = explain(subject, own);
  if (told === undefined) return undefined;
  const { state, cause, who, next, isOver, command } = told;
  const isBack = told.standing === 'paid' && own.some(({ isRefund }) => isRefund);
  const standing = isBack ? 'refunded' : told.standing;
  return { standing, state, cause, who, next, isOver, command, history };
}

/** What is said of something that these chains do not show. @param cause why that may be, a sentence without an end stop */
export function reportUnknown(
  cause: string,
  standing: 'unknown' | 'wrong contract' = 'unknown',
): TransferReport {
  return {
    standing,
    state: undefined,
    cause,
    who: 'you',
    next: 'check what was asked for and where it was sent; a block that is new may not be known to this node yet',
    isOver: false,
    command: undefined,
    history: [],
  };
}

/** What is said of a deposit whose transaction a chain has, and undid. @param cause a sentence without an end stop */
export function reportFailed(cause: string): TransferReport {
  const next = 'see why it failed, and make the deposit again; nothing but its fees was spent';
  return { ...reportUnknown(cause), standing: 'failed', next, isOver: true };
}
