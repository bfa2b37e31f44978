import type { Rng } from '../../shared/rng.ts';
import type { Persist } from '../answer.ts';
import { initialState } from '../initial-state.ts';
import { type EnclaveSecrets, SECRET_BYTES } from '../keys/enclave-keys.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import { decodeClients, encodeClients } from '../state-codec.ts';
import { openLedgerStore } from './ledger-store.ts';
import { SEALED_SUFFIX, type SealedStore, SealedStoreError } from './sealed-store.ts';

const KEYS = 'keys';
const CLIENTS = 'clients';
/** The light clients' file in the enclave's folder; not there before the first change. */
export const CLIENTS_FILE = `${CLIENTS}${SEALED_SUFFIX}`;

/**
 * The enclave's secrets; drawn at the first start and never again.
 *
 * @throws {SealedStoreError} a state without the keys it was made with, or keys that are not ours
 */
export function loadKeys(store: SealedStore, rng: Rng): EnclaveSecrets {
  const sealed = store.load(KEYS);
  if (sealed === undefined) {
    if (store.list().length > 0) throw new SealedStoreError('ENCLAVE_SEAL_BROKEN', KEYS);
    const drawn = rng.bytes(2 * SECRET_BYTES);
    store.save(KEYS, drawn);
    return splitSecrets(drawn);
  }
  return splitSecrets(sealed);
}

function splitSecrets(bytes: Uint8Array): EnclaveSecrets {
  return {
    masterSecret: bytes.subarray(0, SECRET_BYTES),
    signingKey: bytes.subarray(SECRET_BYTES),
  };
}

/** The state that was sealed last, and what seals the next. */
export interface OpenedState {
  readonly state: EnclaveState;
  /** Seals what a command has changed. */
  readonly persist: Persist;
}

/**
 * Opens what is sealed. Light clients and ledger are records of their own, and either may be older than the other: each
 * only ever repeats its history. Without a ledger's records the enclave begins at genesis, and can be given a snapshot.
 *
 * @throws {SealedStoreError} a record is missing or not ours
 * @throws {EnclaveStateVersionError} of another layout
 */
export function openState(store: SealedStore, context: EnclaveContext): OpenedState {
  const clients = store.load(CLIENTS);
  const ledgerStore = openLedgerStore(store, context.keys);
  const state = initialState(context, {
    ...(clients && { lightClients: decodeClients(clients, context.config) }),
    ...(ledgerStore.ledger && { ledger: ledgerStore.ledger }),
  });
  return {
    state,
    persist({ durable: before }, { durable: after }) {
      if (before.lightClients !== after.lightClients) {
        store.save(CLIENTS, encodeClients(after, context.config));
      }
      if (before.ledger !== after.ledger) ledgerStore.save(before.ledger, after.ledger);
    },
  };
}
