import type { TransferState } from './transfer-state.ts';

/** Who has to act next. */
export type Actor =
  | 'source chain'
  | 'enclave'
  | 'relayer'
  | 'anchor chain'
  | 'destination chain'
  | 'recipient'
  | 'operator'
  | 'nobody';

/** Who has to do what before a subject in this state goes on. */
export interface NextStep {
  readonly who: Actor;
  readonly what: string;
  /** Set where the block that shows the state has to become final: its chain's time to finality is the wait. */
  readonly isFinality?: true;
}

/** What follows each state. */
export const NEXT_STEPS: Readonly<Record<TransferState, NextStep>> = {
  observed: {
    who: 'source chain',
    what: 'the source chain has to finalize the block; nothing to do',
    isFinality: true,
  },
  finalized: {
    who: 'enclave',
    what: 'an enclave has to verify it; if that takes minutes, the relayer is behind',
  },
  verified: {
    who: 'relayer',
    what: 'the relayer has to commit it on the anchor chain; nothing to do',
  },
  quarantined: {
    who: 'operator',
    what: 'an enclave does not take it: the operator of the relayer has to look, nothing is lost',
  },
  committed: {
    who: 'anchor chain',
    what: 'the anchor chain has to finalize the commit; nothing to do',
    isFinality: true,
  },
  anchored: {
    who: 'relayer',
    what: 'its enclave may release it now; what a sealed order pays cannot be tied to this message: look for it with the tag secret',
  },
  waiting: {
    who: 'enclave',
    what: 'it waits in its pool until enough others may leave with it; after its patience it does what the order says',
  },
  held: {
    who: 'operator',
    what: 'the gateway does not take the batch now and it is tried again until it does, or the operator of the relayer holds it',
  },
  released: {
    who: 'destination chain',
    what: 'the destination chain has to finalize the payout; nothing to do',
    isFinality: true,
  },
  refunded: {
    who: 'source chain',
    what: 'the source chain has to finalize the refund; nothing to do',
    isFinality: true,
  },
  claimable: {
    who: 'recipient',
    what: 'the payout was put aside: anyone may call claim, the recipient also claimTo another address',
  },
  claimed: {
    who: 'destination chain',
    what: 'the chain has to finalize the claim; nothing to do',
    isFinality: true,
  },
  confirmed: { who: 'nobody', what: 'nothing, it is done' },
  skipped: { who: 'nobody', what: 'nothing: there is no deposit that this refund could give back' },
};

/** Whether nothing can follow for the subject: its money has arrived, or there is none that could. */
export function isFinalState(state: TransferState): boolean {
  return NEXT_STEPS[state].who === 'nobody';
}
