import { keyEpochOf } from '../ledger/epochs.ts';
import { idOfState } from '../ledger/id-of-state.ts';
import type { LedgerState } from '../ledger/state.ts';
import { blindingOf } from '../ledger/state-id.ts';
import type { EnclaveKeys } from './keys/enclave-keys.ts';
import type { LedgerAt } from './state.ts';

/** A state with its id. */
export function ledgerAt(state: LedgerState, { ledgerSecretOf }: EnclaveKeys): LedgerAt {
  return { state, stateId: idOfState(state, ledgerSecretOf) };
}

/** What blinds a state's id, 32 bytes: a PRF of its last round, by the secret of the key epoch of that round. */
export function blindingOfState(state: LedgerState, { ledgerSecretOf }: EnclaveKeys): Uint8Array {
  return blindingOf(ledgerSecretOf(keyEpochOf(state, state.round)), state.round);
}
