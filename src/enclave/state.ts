import type { OpenedMessage } from '../ledger/settle.ts';
import type { LedgerState } from '../ledger/state.ts';
import type { ExecutionBlock, LightClientStore } from '../light-client/ethereum/types.ts';
import type { FinalizedBlock, PolkadotStore } from '../light-client/polkadot/store.ts';
import type { Commit } from '../protocol/commit.ts';
import type { ChainPosition } from '../protocol/message.ts';
import type { ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import type { EnclaveKeys } from './keys/enclave-keys.ts';
import type { MeasuredConfig } from './measured-config.ts';

/** Final headers kept per chain, newest last: a proof may be against any of them. */
export const MAX_RECENT_HEADERS = 16;
/** Messages proven and not yet in the ledger, per chain. */
export const MAX_INBOX_MESSAGES = 50_000;
/** Transitions proposed on top of the ledger: how far an enclave can catch up between two confirmations. */
export const MAX_PROPOSALS = 1024;
/** Messages in one transition: with four payouts each its batches still fit one answer of `reveal`. */
export const MAX_TRANSITION_MESSAGES = 10_000;
/** Messages that all proposals together may consume: what bounds the releases they hold. */
export const MAX_PROPOSED_MESSAGES = 100_000;
/** Anchored transitions whose batches can be shown. */
export const MAX_REVEALABLE = 256;

/** What does not change while an enclave runs. */
export interface EnclaveContext {
  readonly config: MeasuredConfig;
  readonly measurement: Hex;
  readonly keys: EnclaveKeys;
}

/** A transition that the anchor chain has made final, with what it releases. */
export interface AnchoredTransition {
  readonly number: bigint;
  readonly postState: Hex;
  readonly batches: readonly ReleaseBatch[];
}

/** What survives a restart: sealed before any answer tells of it. */
export interface DurableState {
  /** Null until the pinned checkpoint's sync committee is given. */
  readonly ethereum: {
    readonly store: LightClientStore;
    readonly recent: readonly ExecutionBlock[];
  } | null;
  readonly polkadot: {
    readonly store: PolkadotStore;
    readonly recent: readonly FinalizedBlock[];
  };
  /** The ledger after the newest transition known to be anchored and final. */
  readonly ledger: LedgerAt;
  /** Newest last, at most {@link MAX_REVEALABLE}. */
  readonly revealable: readonly AnchoredTransition[];
}

/** A state of the ledger and its id. */
export interface LedgerAt {
  readonly state: LedgerState;
  readonly stateId: Hex;
}

/** A chain's outbox from where the ledger has consumed it to where it is proven. */
export interface Inbox {
  /** Up to where the outbox is proven. */
  readonly position: ChainPosition;
  /** The last of them has index `position.count - 1`. */
  readonly messages: readonly OpenedMessage[];
}

/** A transition computed and kept, of which only the commit was shown. */
export interface Proposal {
  readonly commit: Commit;
  readonly ledger: LedgerAt;
  readonly batches: readonly ReleaseBatch[];
  /** How many messages it consumes. */
  readonly consumed: number;
}

/** All that an enclave knows; replaced as a whole by each command. */
export interface EnclaveState {
  readonly durable: DurableState;
  /** By chain id. Not sealed: the host can prove the same messages again. */
  readonly inboxes: ReadonlyMap<bigint, Inbox>;
  /** By the state id they end in, oldest first. Not sealed: they can be proposed again. */
  readonly proposals: ReadonlyMap<Hex, Proposal>;
}
