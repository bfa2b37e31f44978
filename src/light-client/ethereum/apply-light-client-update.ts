import { LightClientError } from './light-client-error.ts';
import type { LightClientStore } from './types.ts';
import type { VerifiedUpdate } from './verify-light-client-update.ts';

/**
 * The store after a verified update.
 *
 * SPEC: `apply_light_client_update`. Verification has seen to it that the finalized period is the
 * store's own while the next committee is unknown, and never more than one above.
 *
 * @param store the very store that the update was verified against
 * @throws {LightClientError} ETHEREUM_STORE_CHANGED: another store
 */
export function applyLightClientUpdate(
  store: LightClientStore,
  verified: VerifiedUpdate,
): LightClientStore {
  if (verified.store !== store) {
    const meta = { subject: 'store', expected: describe(verified.store), got: describe(store) };
    throw new LightClientError('ETHEREUM_STORE_CHANGED', meta);
  }
  const isNewer = verified.finalizedHeader.beacon.slot > store.finalizedHeader.beacon.slot;
  return {
    ...applySyncCommittees(store, verified),
    finalizedHeader: isNewer ? verified.finalizedHeader : store.finalizedHeader,
  };
}

type SyncCommittees = Pick<LightClientStore, 'currentSyncCommittee' | 'nextSyncCommittee'>;

function applySyncCommittees(store: LightClientStore, verified: VerifiedUpdate): SyncCommittees {
  const { currentSyncCommittee, nextSyncCommittee } = store;
  if (nextSyncCommittee === undefined) {
    return { currentSyncCommittee, nextSyncCommittee: verified.nextSyncCommittee };
  }
  if (verified.finalizedPeriod === verified.storePeriod + 1) {
    return {
      currentSyncCommittee: nextSyncCommittee,
      nextSyncCommittee: verified.nextSyncCommittee,
    };
  }
  return { currentSyncCommittee, nextSyncCommittee };
}

function describe(store: LightClientStore): string {
  return `the store at slot ${store.finalizedHeader.beacon.slot}`;
}
