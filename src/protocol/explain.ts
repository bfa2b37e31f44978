import { type Actor, NEXT_STEPS } from './next-step.ts';
import { currentStep, type StateReason, type Step, type TransferState } from './transfer-state.ts';

/** Why a subject is where it is: a sentence for each reason, without an end stop. */
export const CAUSES: Readonly<Record<StateReason, string>> = {
  'deposit-included': 'a block has the deposit, and may still be replaced',
  'deposit-final': 'the block of the deposit is final',
  'message-unreadable': 'an enclave cannot read it: the node that told of it may have lied',
  'message-fails': 'an enclave fails on it',
  'replayed-to-proven-head': 'an enclave has proven it',
  'ledger-refused': 'the ledger refuses the round that it is in',
  'commit-included': 'a block of the anchor chain has its commit, and may still be replaced',
  'commit-final': 'its commit is final on the anchor chain',
  'leg-in-its-pool': 'it waits in its pool',
  'gateway-paused': 'the gateway is paused',
  'gateway-refused': 'the gateway refuses the batch',
  'held-by-operator': 'the operator of the relayer holds the batch',
  'not-worth-sending': 'sending what waits for this chain costs the relayer more than it brings',
  'fees-too-high': 'the chain asks for higher fees than the relayer pays',
  'spending-exhausted': 'the relayer has spent what it spends on fees in a day',
  'account-empty': 'the relayer’s account cannot pay the fees',
  'payout-included': 'a block has the payout, and may still be replaced',
  'refund-included': 'the deposit is given back',
  'unknown-asset': 'the gateway does not know the asset',
  'asset-paused': 'the asset is paused',
  'supply-exceeded': 'more would leave than has come in',
  'cap-exceeded': 'the cap of the asset is reached',
  'window-exceeded': 'the rate limit of the window is reached',
  'payout-failed': 'the recipient refused the payout',
  'recipient-impossible':
    'nobody has the recipient’s address: after 30 days governance can name who gets it',
  'unnamed-reason': 'the gateway gave a reason that this version does not know',
  'claim-assigned': 'governance has named who gets it',
  'claimed-in-part': 'a part was claimed, the rest is waiting',
  'claim-included': 'a block has the claim, and may still be replaced',
  'payout-final': 'the payout is final',
  'claim-final': 'the claim is final',
  'already-spent': 'the deposit was given back before',
  'message-unknown': 'the gateway never took such a deposit',
  'unnamed-skip': 'the gateway gave a reason that this version does not know',
};

/** How a transfer stands, in the words that a user asks with. */
export type Standing =
  /** It goes on by itself. */
  | 'in flight'
  /** Somebody has to look or to decide before it goes on. */
  | 'held up'
  /** What was paid is put aside, for somebody to claim. */
  | 'claimable'
  /** It is being given back, or was. */
  | 'refunded'
  /** It has arrived. */
  | 'paid'
  /** There is nothing that could be given back. */
  | 'nothing to pay';

/** Where a subject is, why, who has to act before it goes on, and how. */
export interface Explanation extends Step {
  readonly standing: Standing;
  readonly cause: string;
  /** Who has to act next. */
  readonly who: Actor;
  /** What they have to do. */
  readonly next: string;
  /** Set where the block that shows the state has to become final: its chain's time to finality is the wait. */
  readonly isFinality: boolean;
  /** Whether nothing follows. */
  readonly isOver: boolean;
  /** What the one who acts can type, where there is such a command. */
  readonly command: string | undefined;
}

/**
 * Explains a subject by all its steps, in any order; undefined if there are none.
 *
 * @param subject as `Subject` names it: `message 31337/0`, `release 420420499/7`, `batch 420420499/4`, `commit 3`
 */
export function explain(subject: string, steps: readonly Step[]): Explanation | undefined {
  const current = currentStep(steps);
  if (current === undefined) return undefined;
  const { state, reason } = current;
  const { who, what, isFinality = false } = NEXT_STEPS[state];
  return {
    state,
    reason,
    standing: standingOf(state, steps),
    cause: CAUSES[reason],
    who,
    next: what,
    isFinality,
    isOver: who === 'nobody',
    command: commandFor(current, subject),
  };
}

const STANDINGS: Readonly<Partial<Record<TransferState, Standing>>> = {
  quarantined: 'held up',
  held: 'held up',
  claimable: 'claimable',
  refunded: 'refunded',
  confirmed: 'paid',
  skipped: 'nothing to pay',
};

function standingOf(state: TransferState, steps: readonly Step[]): Standing {
  const wasRefunded = steps.some(({ reason }) => reason === 'refund-included');
  if (state === 'confirmed' && wasRefunded) return 'refunded';
  return STANDINGS[state] ?? 'in flight';
}

/** How an operator goes on after what a message or a batch is held up for; where the gateway is paused only its owner can. */
const ON_HELD_UP: Readonly<Partial<Record<StateReason, (place: string) => string>>> = {
  'message-unreadable': (place) => `retry ${place}`,
  'message-fails': (place) => `retry ${place}`,
  // It is proven: what has halted is the lane that proposes rounds.
  'ledger-refused': () => 'retry commit',
  'held-by-operator': (place) => `release ${place}`,
  'gateway-refused': (place) => `retry ${place}`,
  'spending-exhausted': () => 'balance',
  'account-empty': () => 'balance',
  'fees-too-high': () => 'doctor',
  'not-worth-sending': () => 'doctor',
};

/** Of what a transfer has paid, what says where the transfer is: that which has the longest to go. Undefined if it has paid nothing yet. */
export function hindmost<T extends Pick<Explanation, 'isOver'>>(
  payouts: readonly T[],
): T | undefined {
  return payouts.find(({ isOver }) => !isOver) ?? payouts[0];
}

interface Told {
  readonly state: TransferState | undefined;
  readonly isOver: boolean;
}

/** Of a sealed transfer the chains show nothing after its commit that could be tied to it, unless it is given back. */
export function withPublicEnd<T extends Told>(told: T, isSealed: boolean): T {
  return isSealed && told.state === 'anchored' ? { ...told, isOver: true } : told;
}

function commandFor({ state, reason }: Step, subject: string): string | undefined {
  const [kind = '', id = ''] = subject.split(' ');
  // As long as its recipient is nobody a gateway refuses the claim.
  if (state === 'claimable' && reason !== 'recipient-impossible') {
    return `veilspan claim ${id} --config client.json`;
  }
  const command = ON_HELD_UP[reason]?.(kind === 'message' ? id : `${kind}/${id}`);
  return command === undefined ? undefined : `veilspan relayer ${command} --config relayer.json`;
}
