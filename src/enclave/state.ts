import type { LedgerState } from '../ledger/state.ts';
import type { ClientState } from '../light-client/client-state.ts';
import type { Commit } from '../protocol/commit.ts';
import type { ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import { EnclaveError } from './enclave-error.ts';
import type { Inbox } from './inbox.ts';
import type { EnclaveKeys } from './keys/enclave-keys.ts';
import type { MeasuredConfig } from './measured-config.ts';

/** Final blocks kept per light client, newest last: a proof may be against any of them. */
export const MAX_RECENT_HEADERS = 16;
/** Messages that all proposals together may consume: what bounds the releases they hold. */
export const MAX_PROPOSED_MESSAGES = 100_000;

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
  /** By id, in the order of the measured configuration. */
  readonly lightClients: ReadonlyMap<string, ClientState>;
  /** The ledger after the newest transition known to be anchored and final. */
  readonly ledger: LedgerAt;
  /** Newest last, at most `MAX_REVEALABLE`. */
  readonly revealable: readonly AnchoredTransition[];
}

/** A state of the ledger and its id. */
export interface LedgerAt {
  readonly state: LedgerState;
  readonly stateId: Hex;
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

/** Where a light client of the configuration stands. @throws {EnclaveError} ENCLAVE_CLIENT_UNKNOWN */
export function clientStateOf({ lightClients }: DurableState, id: string): ClientState {
  const client = lightClients.get(id);
  if (client !== undefined) return client;
  const message = `Expected a light client of this enclave, got ${id}; ask for the status.`;
  throw new EnclaveError('ENCLAVE_CLIENT_UNKNOWN', message, { client: id });
}

/** The state in which a light client stands at `client`; the same one if it does already. */
export function withClient(state: EnclaveState, id: string, client: ClientState): EnclaveState {
  if (state.durable.lightClients.get(id) === client) return state;
  const lightClients = new Map(state.durable.lightClients).set(id, client);
  return { ...state, durable: { ...state.durable, lightClients } };
}

/** What is known of a chain's outbox. @throws {EnclaveError} ENCLAVE_CHAIN_UNKNOWN */
export function inboxOf({ inboxes }: EnclaveState, chainId: bigint): Inbox {
  const inbox = inboxes.get(chainId);
  if (inbox !== undefined) return inbox;
  const message = `Expected a chain of the ledger, got ${chainId}; ask for the status.`;
  throw new EnclaveError('ENCLAVE_CHAIN_UNKNOWN', message, { chainId });
}
