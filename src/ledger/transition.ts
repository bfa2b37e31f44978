import type { Commit, Cursor } from '../protocol/commit.ts';
import type { ControlMessage } from '../protocol/control.ts';
import type { OpenedEnvelope } from '../protocol/envelope.ts';
import type { Message } from '../protocol/message.ts';
import type { ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import { applyControl } from './apply-control.ts';
import { cutBatches, prunePaid } from './batches.ts';
import { closeDraft } from './close-draft.ts';
import { consumeRound, createOutboxReader, type OutboxReader } from './consume-round.ts';
import { type Draft, openDraft } from './draft.ts';
import { dropEndedEpochs, keyEpochOf } from './epochs.ts';
import { creditBeneficiary } from './fees.ts';
import { idOfState } from './id-of-state.ts';
import { LedgerError } from './ledger-error.ts';
import { leavePools, returnImpatient } from './pools.ts';
import { keepToRoom } from './room.ts';
import type { LedgerRules } from './rules.ts';
import type { LedgerState } from './state.ts';
import { takeControl } from './take-control.ts';

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
 * Advances over whole rounds, one by one. A pure function: every enclave computes the same, and it does not matter whether rounds
 * are advanced over one by one or at once.
 *
 * @throws {LedgerError} LEDGER_ROUND_INCOMPLETE, LEDGER_COMMIT_REFUSED; what halts, if the inputs are none that gateways make
 */
export function transition(state: LedgerState, input: TransitionInput): Transition {
  requireFollowing(state, input);
  const draft = openDraft(state, input);
  const { round, control, controlOutbox, paid, beneficiary } = input;
  takeControl(draft, { ...controlOutbox, count: control, round });
  const outboxes = new Map(
    [...input.outboxes].map(([chainId, { messages, provenAtSec }]) => [
      chainId,
      createOutboxReader(messages, provenAtSec),
    ]),
  );
  while (draft.round < round) advanceRound(draft, outboxes);
  for (const { chainId, count } of paid) prunePaid(draft, chainId, count);
  creditBeneficiary(draft, beneficiary);
  dropEndedEpochs(draft);
  const next = closeDraft(draft, { number: state.number + 1n, beneficiary });
  return { commit: commitOf(state, next, input), state: next, batches: draft.cut };
}

/** One round: what governance says from it on, what chains say by its cut, who leaves the pools, and the batches of all that. */
function advanceRound(draft: Draft, outboxes: ReadonlyMap<bigint, OutboxReader>): void {
  draft.round += 1n;
  applyControl(draft);
  draft.secret = draft.secretOf(keyEpochOf(draft, draft.round));
  consumeRound(draft, outboxes);
  returnImpatient(draft);
  leavePools(draft);
  keepToRoom(draft);
  cutBatches(draft);
}

function commitOf(state: LedgerState, next: LedgerState, input: TransitionInput): Commit {
  const { control, paid, beneficiary, secretOf } = input;
  return {
    number: next.number,
    round: next.round,
    asOf: next.asOf,
    prevState: idOfState(state, secretOf),
    postState: idOfState(next, secretOf),
    inputs: next.chains.map(({ chainId, inbox }) => ({ chainId, count: inbox.count })),
    control,
    paid,
    beneficiary,
  };
}

function requireFollowing(state: LedgerState, { round, asOf, paid }: TransitionInput): void {
  if (round <= state.round || asOf < state.asOf) {
    throw new LedgerError('LEDGER_COMMIT_REFUSED', 'a later round and no earlier time', {
      round,
      asOf,
      lastRound: state.round,
      lastAsOf: state.asOf,
    });
  }
  for (const { chainId, count } of paid) {
    const chain = state.chains.find((known) => known.chainId === chainId);
    if (chain !== undefined && count <= chain.released.count) continue;
    throw new LedgerError('LEDGER_COMMIT_REFUSED', 'no more paid than a chain was to release', {
      chainId,
      count,
    });
  }
}
