import type { Commit, Cursor } from '../protocol/commit.ts';
import type { ControlMessage } from '../protocol/control.ts';
import type { OpenedEnvelope } from '../protocol/envelope.ts';
import type { Message } from '../protocol/message.ts';
import type { ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import type { LedgerRules } from './rules.ts';
import type { LedgerState } from './state.ts';

/** A message of a gateway's outbox with what its envelope says; a post's signature is verified. */
export interface OpenedMessage {
  readonly message: Message;
  readonly envelope: OpenedEnvelope;
}

/** What is proven of an outbox behind what the state has consumed. */
export interface OutboxTail<M> {
  /** In order, from the first that the state has not consumed; may reach beyond the round. */
  readonly messages: Iterable<M>;
  /** Time of the final header under which the outbox was proven, in whole seconds of Unix time. */
  readonly provenAtSec: bigint;
}

/** What a transition is made of. Everything but `secretOf` is public or, opened, proven. */
export interface TransitionInput {
  /** The last round it advances over, above the state's. */
  readonly round: bigint;
  /** By chain id, of every chain that is not suspended. */
  readonly outboxes: ReadonlyMap<bigint, OutboxTail<OpenedMessage>>;
  readonly controlOutbox: OutboxTail<ControlMessage>;
  /** What is consumed of the anchor's outbox afterwards. */
  readonly control: bigint;
  readonly asOf: bigint;
  /** What destinations are proven to have paid, by ascending chain id; chains that are not named stay. */
  readonly paid: readonly Cursor[];
  /** The account that is credited, 32 bytes. */
  readonly beneficiary: Hex;
  /** The ledger secret of a key epoch, 32 bytes. */
  readonly secretOf: (epoch: bigint) => Uint8Array;
  readonly rules: LedgerRules;
}

/** One step of the ledger. Of it only the commit may be shown before the commit is final. */
export interface Transition {
  readonly commit: Commit;
  /** The state whose id is `commit.postState`; the batches are in it. */
  readonly state: LedgerState;
  /** Batches cut, in order: what a test or a benchmark looks at. */
  readonly batches: readonly ReleaseBatch[];
}

/**
 * Advances over whole rounds.
 */
export declare function transition(state: LedgerState, input: TransitionInput): Transition;
