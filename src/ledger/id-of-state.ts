import type { Hex } from '../shared/bytes.ts';
import type { LedgerSecretOf } from './draft.ts';
import { keyEpochOf } from './epochs.ts';
import type { LedgerState } from './state.ts';
import { blindingOf, stateId } from './state-id.ts';

/** The id under which a state is anchored, 32 bytes: blinded by the secret of the key epoch of its last round. */
export function idOfState(state: LedgerState, secretOf: LedgerSecretOf): Hex {
  return stateId(state, blindingOf(secretOf(keyEpochOf(state, state.round)), state.round));
}
