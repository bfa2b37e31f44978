import type { LedgerState } from '../ledger/state.ts';
import type { ClientState } from '../light-client/client-state.ts';
import type { Commit } from '../protocol/commit.ts';
import type { CommandParams } from '../protocol/enclave-commands.ts';
import type { Hex } from '../shared/bytes.ts';
import type { Rng } from '../shared/rng.ts';
import type { ControlInbox } from './control-inbox.ts';
import { EnclaveError } from './enclave-error.ts';
import type { Inbox } from './inbox.ts';
import type { EnclaveKeys } from './keys/enclave-keys.ts';
import type { MeasuredConfig } from './measured-config.ts';

/** Final blocks kept per light client, newest last: a proof may be against any of them. */
export const MAX_RECENT_HEADERS = 16;

/** What does not change while an enclave runs. */
export interface EnclaveContext {
  readonly config: MeasuredConfig;
  readonly measurement: Hex;
  readonly keys: EnclaveKeys;
  /** For what is sealed to others; nothing that enclaves must agree on depends on it. */
  readonly rng: Rng;
}

/** What survives a restart: sealed before any answer tells of it. */
export interface DurableState {
  /** By id, in the order of the measured configuration. */
  readonly lightClients: ReadonlyMap<string, ClientState>;
  /** The ledger after the newest transition known to be anchored and final. */
  readonly ledger: LedgerAt;
}

/** A state of the ledger and its id. */
export interface LedgerAt {
  readonly state: LedgerState;
  readonly stateId: Hex;
}

/** A transition computed and kept, of which only the commit was shown. */
export interface Proposal {
  /** What it was asked with: asked the same again, the enclave gives the same answer. */
  readonly asked: CommandParams<'propose'>;
  readonly commit: Commit;
  readonly ledger: LedgerAt;
}

/** A snapshot that is being shown, a chunk at a time. */
export interface SnapshotShown {
  readonly number: bigint;
  readonly stateId: Hex;
  /** Whole, padded, in the clear. SECURITY: leaves the enclave sealed only. */
  readonly content: Uint8Array;
}

/** A snapshot of which the first chunks are here. */
export interface SnapshotTaken {
  readonly number: bigint;
  readonly stateId: Hex;
  /** How many there will be. */
  readonly chunks: number;
  /** Opened, in order. */
  readonly parts: readonly Uint8Array[];
}

/** All that an enclave knows; replaced as a whole by each command. What is not durable the host can show again. */
export interface EnclaveState {
  readonly durable: DurableState;
  /** By chain id. */
  readonly inboxes: ReadonlyMap<bigint, Inbox>;
  readonly control: ControlInbox;
  /** What gateways are proven to have paid, by chain id. */
  readonly paid: ReadonlyMap<bigint, bigint>;
  /** On the ledger's own state, by the state id they end in, oldest first. */
  readonly proposals: ReadonlyMap<Hex, Proposal>;
  readonly shown: SnapshotShown | null;
  readonly taken: SnapshotTaken | null;
}

/** Where a light client of the configuration stands. @throws {EnclaveError} ENCLAVE_CLIENT_UNKNOWN */
export function clientStateOf(
  { lightClients }: Pick<DurableState, 'lightClients'>,
  id: string,
): ClientState {
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

/** Releases that a chain's gateway is proven to have paid. */
export function paidOf({ paid }: EnclaveState, chainId: bigint): bigint {
  return paid.get(chainId) ?? 0n;
}
