// The life of a message and of the releases that follow from it: every state, every reason to enter one, and what enters
// it. Journal, client, status and demo take all of it from here. docs/architecture.md tells it in words.

/** Why a gateway put a release aside, by the number that its event gives. KEEP IN SYNC: IAssetBook.DeferReason, to which a test holds it. */
export const DEFER_REASONS = [
  'none',
  'unknown-asset',
  'asset-paused',
  'supply-exceeded',
  'cap-exceeded',
  'window-exceeded',
  'payout-failed',
  'recipient-impossible',
] as const;
/** See {@link DEFER_REASONS}; `unnamed-reason` is a number of a gateway that is newer than this code. */
export type DeferReason = Exclude<(typeof DEFER_REASONS)[number], 'none'> | 'unnamed-reason';

/** Why a gateway pays nothing for a refund, by the number that its event gives. KEEP IN SYNC: IGateway.SkipReason, to which a test holds it. */
export const SKIP_REASONS = ['already-spent', 'message-unknown'] as const;
/** See {@link SKIP_REASONS}; `unnamed-skip` is a number of a gateway that is newer than this code. */
export type SkipReason = (typeof SKIP_REASONS)[number] | 'unnamed-skip';

/** Who shows that a state was entered. What a block shows, a reorganisation can take back until it is final. */
type Witness = 'block' | 'enclave' | 'relayer';

/**
 * Every reason to enter a state, the state, and who shows it. In the order of a life: of two reasons for one subject the
 * later one says where it is, in whatever order they became known.
 */
export const REASONS = {
  'deposit-included': ['observed', 'block'],
  'deposit-final': ['finalized', 'block'],
  'message-unreadable': ['quarantined', 'enclave'],
  'message-fails': ['quarantined', 'enclave'],
  'replayed-to-proven-head': ['verified', 'enclave'],
  'ledger-refused': ['quarantined', 'enclave'],
  'commit-included': ['committed', 'block'],
  'commit-final': ['anchored', 'block'],
  'leg-in-its-pool': ['waiting', 'enclave'],
  'gateway-paused': ['held', 'relayer'],
  'gateway-refused': ['held', 'relayer'],
  'held-by-operator': ['held', 'relayer'],
  'not-worth-sending': ['held', 'relayer'],
  'fees-too-high': ['held', 'relayer'],
  'spending-exhausted': ['held', 'relayer'],
  'account-empty': ['held', 'relayer'],
  'payout-included': ['released', 'block'],
  'refund-included': ['refunded', 'block'],
  'unknown-asset': ['claimable', 'block'],
  'asset-paused': ['claimable', 'block'],
  'supply-exceeded': ['claimable', 'block'],
  'cap-exceeded': ['claimable', 'block'],
  'window-exceeded': ['claimable', 'block'],
  'payout-failed': ['claimable', 'block'],
  'recipient-impossible': ['claimable', 'block'],
  'unnamed-reason': ['claimable', 'block'],
  'claim-assigned': ['claimable', 'block'],
  'claimed-in-part': ['claimable', 'block'],
  'claim-included': ['claimed', 'block'],
  'payout-final': ['confirmed', 'block'],
  'claim-final': ['confirmed', 'block'],
  'already-spent': ['skipped', 'block'],
  'message-unknown': ['skipped', 'block'],
  'unnamed-skip': ['skipped', 'block'],
} as const satisfies Record<string, readonly [state: string, witness: Witness]> &
  Record<DeferReason, readonly ['claimable', 'block']> &
  Record<SkipReason, readonly ['skipped', 'block']>;

/** Why a state was entered. */
export type StateReason = keyof typeof REASONS;
/** Where a message, a release or a batch of releases is. */
export type TransferState = (typeof REASONS)[StateReason][0];
type ReasonFor<S extends TransferState> = {
  [R in StateReason]: (typeof REASONS)[R][0] extends S ? R : never;
}[StateReason];
/** Why an enclave does not go on with a message. */
export type QuarantineReason = ReasonFor<'quarantined'>;
/** Why a batch is not released now. */
export type HoldReason = ReasonFor<'held'>;

const ORDER = new Map((Object.keys(REASONS) as StateReason[]).map((reason, i) => [reason, i]));

/** A state and the reason for it. */
export interface Step {
  readonly state: TransferState;
  readonly reason: StateReason;
}

/** The step that a reason stands for: each enters one state only. */
export function stepFor(reason: StateReason): Step {
  return { state: REASONS[reason][0], reason };
}

/** What happens to a message or a release. `isFinal` is of the block that shows it. */
export type TransferEvent =
  /** A gateway took it. */
  | { readonly kind: 'deposited'; readonly isFinal: boolean }
  /** An enclave replayed it to a proven head. */
  | { readonly kind: 'replayed' }
  /** An enclave does not go on with it: {@link quarantineReason}. */
  | { readonly kind: 'quarantined'; readonly reason: QuarantineReason }
  /** The anchor took a commit whose cursor is past it. */
  | { readonly kind: 'committed'; readonly isFinal: boolean }
  /** Its enclave says, to its owner alone, that it has not left its pool yet. */
  | { readonly kind: 'waiting' }
  /** No gateway takes the batch now, or none is given it. */
  | { readonly kind: 'held'; readonly reason: HoldReason }
  | PayoutEvent;

/** What happens to a release at its gateway. */
export type PayoutEvent =
  /** It was paid: all of it, unless the rest `wasDeferred`. */
  | {
      readonly kind: 'paid';
      readonly isFinal: boolean;
      readonly isRefund: boolean;
      readonly wasDeferred: boolean;
    }
  /** It, or the rest of it, was put aside. */
  | { readonly kind: 'deferred'; readonly reason: DeferReason }
  /** It is a refund with no deposit behind it (any more): nothing is paid, now or later. */
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  /** It was put aside for nobody, and may be claimed by somebody now. */
  | { readonly kind: 'assigned' }
  /** What was put aside was paid; unless `isWhole`, a rest of it remains. */
  | { readonly kind: 'claimed'; readonly isFinal: boolean; readonly isWhole: boolean };

/** The steps that an event stands for, in order; those of the same event in a block that was not final yet are among them. */
export function stepsOf(event: TransferEvent): Step[] {
  return reasonsOf(event).map(stepFor);
}

function reasonsOf(event: TransferEvent): readonly StateReason[] {
  switch (event.kind) {
    case 'deposited':
      return event.isFinal ? ['deposit-included', 'deposit-final'] : ['deposit-included'];
    case 'replayed':
      return ['replayed-to-proven-head'];
    case 'committed':
      return event.isFinal ? ['commit-included', 'commit-final'] : ['commit-included'];
    case 'waiting':
      return ['leg-in-its-pool'];
    case 'quarantined':
    case 'held':
    case 'deferred':
    case 'skipped':
      return [event.reason];
    case 'assigned':
      return ['claim-assigned'];
    case 'paid': {
      const paid = event.isRefund ? 'refund-included' : 'payout-included';
      // A part of it is no end: the rest is to be claimed.
      return event.isFinal && !event.wasDeferred ? [paid, 'payout-final'] : [paid];
    }
    case 'claimed':
      if (!event.isWhole) return ['claimed-in-part'];
      return event.isFinal ? ['claim-included', 'claim-final'] : ['claim-included'];
  }
}

/** Negative if `a` is the earlier in a life, positive if it is the later. */
export function compareSteps(a: Pick<Step, 'reason'>, b: Pick<Step, 'reason'>): number {
  return (ORDER.get(a.reason) ?? 0) - (ORDER.get(b.reason) ?? 0);
}

/** Where one subject is, of all its steps: the latest of its life, not the one that became known last. */
export function currentStep<S extends Pick<Step, 'reason'>>(steps: readonly S[]): S | undefined {
  return steps.reduce<S | undefined>(
    (latest, step) => (latest === undefined || compareSteps(step, latest) >= 0 ? step : latest),
    undefined,
  );
}

/** Whether a reorganisation can take back what entered a state for this reason, as long as the block is not final. */
export function isShownByBlock(reason: StateReason): boolean {
  return REASONS[reason][1] === 'block';
}

/** The reason behind the number in a gateway's `ReleaseDeferred`. */
export function deferReasonOf(code: number): DeferReason {
  const reason = DEFER_REASONS[code];
  return reason === undefined || reason === 'none' ? 'unnamed-reason' : reason;
}

/** The reason behind the number in a gateway's `ReleaseSkipped`. */
export function skipReasonOf(code: number): SkipReason {
  return SKIP_REASONS[code] ?? 'unnamed-skip';
}

const QUARANTINES: ReadonlyMap<string, QuarantineReason> = new Map([
  ['COMMAND_MALFORMED', 'message-unreadable'],
  ['ENCLAVE_INTERNAL', 'message-fails'],
  ['ENCLAVE_TRANSITION_FAILED', 'ledger-refused'],
]);

/**
 * Why messages are quarantined whose `ingest` or `propose` an enclave refused with this code; undefined where the refusal
 * says nothing of the messages but of the node that told of them, of the proof or of the moment.
 */
export function quarantineReason(code: string): QuarantineReason | undefined {
  return QUARANTINES.get(code);
}

/** What a state change is about: `message 31337/0`, `release 420420499/7`, `commit 3`. */
export type Subject =
  | `message ${bigint}/${bigint}`
  | `release ${bigint}/${bigint}`
  | `batch ${bigint}/${bigint}`
  | `commit ${bigint}`;

/** Names a gateway's message. */
export function messageSubject(chainId: bigint, index: bigint): Subject {
  return `message ${chainId}/${index}`;
}

/** Names a gateway's release. */
export function releaseSubject(chainId: bigint, index: bigint): Subject {
  return `release ${chainId}/${index}`;
}
