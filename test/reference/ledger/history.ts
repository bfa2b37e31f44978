import { createHmac } from 'node:crypto';
import type { LedgerRules } from '../../../src/ledger/rules.ts';
import type { OpenedMessage, TransitionInput } from '../../../src/ledger/transition.ts';
import type { Cursor } from '../../../src/protocol/commit.ts';
import type { ControlMessage } from '../../../src/protocol/control.ts';
import { type ChainPosition, EMPTY_HEAD } from '../../../src/protocol/message.ts';
import { roundEndSec } from '../../../src/protocol/rounds.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import type { RoundWish } from '../../support/ledger-arbitrary.ts';
import { CHAIN_IDS, RULES, STRANGER } from '../../support/ledger-places.ts';
import { addControl, controlCount, usualControl } from './history-control.ts';
import type { Envelopes } from './history-envelopes.ts';
import { addMessages, cutSec, type Moment } from './history-messages.ts';
import type { PlainState } from './plain-state.ts';
import { referenceTransition } from './reference-transition.ts';

/** What chains have taken and what commits name, round by round; one that gateways and anchor would let happen. */
export interface History {
  readonly rules: LedgerRules;
  readonly outboxes: ReadonlyMap<bigint, readonly OpenedMessage[]>;
  readonly control: readonly ControlMessage[];
  /** Of round 1, 2, …: what a commit names whose last round it is. */
  readonly commits: readonly CommitTerms[];
}

export interface CommitTerms {
  readonly asOf: bigint;
  readonly control: bigint;
  readonly paid: readonly Cursor[];
  /** A suspension holds from this round: no transition may reach over its beginning. */
  readonly isFirst: boolean;
}

/** How far something has come, in either form of the state. */
type Progress = Pick<PlainState, 'control' | 'round'> & {
  readonly chains: readonly {
    readonly chainId: bigint;
    readonly inbox: ChainPosition;
    readonly released: ChainPosition;
  }[];
};

/** How a transition is fed. */
export interface Feeding {
  /** Its last round. */
  readonly to: bigint;
  readonly beneficiary: Hex;
  /** Whether it is shown what lies beyond the cuts too. */
  readonly isAhead: boolean;
}

/** The genesis state, written out. */
export function plainGenesis({ chains, houseAccount, firstEpoch }: LedgerRules): PlainState {
  const empty = { count: 0n, head: EMPTY_HEAD };
  const house = { root: EMPTY_HEAD, nonceBase: 0n, nonceBits: 0n, balances: new Map() };
  return {
    number: 0n,
    round: 0n,
    asOf: 0n,
    chains: chains.map(({ chainId, gateway }) => ({
      chainId,
      gateway,
      inbox: empty,
      released: empty,
      paid: 0n,
      isSuspended: false,
    })),
    control: empty,
    pending: [],
    assets: new Map(),
    epochs: [{ epoch: firstEpoch, firstRound: 1n, opened: new Map() }],
    successor: EMPTY_HEAD,
    beneficiary: EMPTY_HEAD,
    accounts: new Map([[houseAccount, house]]),
    legs: new Map(),
    batches: new Map(),
  };
}

/** A history while it is made. */
interface HistoryDraft extends History {
  readonly outboxes: Map<bigint, OpenedMessage[]>;
  readonly control: ControlMessage[];
  readonly commits: CommitTerms[];
}

/** How a history comes about. */
export interface HistoryTerms {
  readonly rules?: LedgerRules;
  /** Whether a commit ends with this round; one ends before every suspension, and with the last round. */
  readonly endsWith?: (round: bigint) => boolean;
}

/** Plays the wishes round by round; each meets the state that the slow twin has committed by then. */
export function buildHistory(
  wishes: readonly RoundWish[],
  { rules = RULES, endsWith = () => true }: HistoryTerms = {},
): History {
  const outboxes = new Map(CHAIN_IDS.map((id) => [id as bigint, [] as OpenedMessage[]]));
  const control = usualControl(rules);
  const commits: CommitTerms[] = [];
  const envelopes: Envelopes = { made: 0, lastEnc: undefined, posts: new Map() };
  const history: HistoryDraft = { rules, outboxes, control, commits };
  let state = plainGenesis(rules);
  wishes.forEach((wish, i) => {
    const round = BigInt(i + 1);
    addMessages(history, { state, round, envelopes }, wish.messages);
    addControl(history, round, wish);
    commits.push(commitTerms(history, { state, round }, wish));
    const next = wishes[i + 1];
    if (next !== undefined && next.suspend === undefined && !endsWith(round)) return;
    const feeding = { to: round, beneficiary: STRANGER, isAhead: true };
    state = referenceTransition(state, inputOf(history, state, feeding)).state;
    envelopes.posts.clear();
  });
  return history;
}

function commitTerms(
  history: HistoryDraft,
  { state, round }: Pick<Moment, 'state' | 'round'>,
  { paid, suspend }: RoundWish,
): CommitTerms {
  return {
    asOf: roundEndSec(history.rules.schedule, round) + BigInt(paid),
    control: controlCount(history, round),
    paid: state.chains.map(({ chainId, released }) => ({
      chainId,
      count: (released.count * BigInt(paid)) / 16n,
    })),
    isFirst: suspend !== undefined,
  };
}

/** What the transition from a state is made of. */
export function inputOf(
  { rules, outboxes, control, commits }: History,
  state: Progress,
  { to, beneficiary, isAhead }: Feeding,
): TransitionInput {
  const terms = commits[Number(to) - 1]!;
  const tails = state.chains.map(({ chainId, inbox }) => {
    const cut = cutSec(rules, chainId, to);
    const messages = outboxes
      .get(chainId)!
      .filter(({ message }) => message.index >= inbox.count)
      .filter(({ message }) => isAhead || message.sentAtSec <= cut);
    return [chainId, { messages, provenAtSec: cut + 1n }] as const;
  });
  const seen = control.filter(({ index }) => isAhead || index < terms.control);
  return {
    round: to,
    outboxes: new Map(tails),
    controlOutbox: {
      messages: seen.filter(({ index }) => index >= state.control.count),
      provenAtSec: cutSec(rules, rules.anchor.chainId, to) + 1n,
    },
    control: terms.control,
    asOf: terms.asOf,
    // What a transition is to release cannot have been paid yet.
    paid: terms.paid.map(({ chainId, count }, i) => {
      const released = state.chains[i]!.released.count;
      const isReleased = count <= released;
      return { chainId, count: isReleased ? count : released };
    }),
    beneficiary,
    secretOf: epochSecret,
    rules,
  };
}

const secrets = new Map<bigint, Uint8Array>();

/** The ledger secret of a key epoch: the same array each time. */
export function epochSecret(epoch: bigint): Uint8Array {
  const known = secrets.get(epoch) ?? createHmac('sha256', 'test').update(`${epoch}`).digest();
  secrets.set(epoch, known);
  return known;
}
