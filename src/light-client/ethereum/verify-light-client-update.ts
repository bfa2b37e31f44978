import type { Brand } from '../../shared/brand.ts';
import { equalBytes } from '../../shared/bytes.ts';
import { computeSyncCommitteeSigningRoot } from './compute-domain.ts';
import type { EthereumConfig } from './config.ts';
import { forkAtSlot } from './forks.ts';
import { hashTreeRootOfBeaconBlockHeader, hashTreeRootOfSyncCommittee } from './hash-tree-root.ts';
import { LightClientError, type LightClientErrorCode } from './light-client-error.ts';
import { computeSyncCommitteePeriodAtSlot } from './preset.ts';
import type {
  FinalizedHeader,
  LightClientStore,
  LightClientUpdate,
  SyncCommittee,
} from './types.ts';
import { isZeroBranch, verifyBranch } from './verify-branch.ts';
import { toFinalizedHeader, verifyLightClientHeader } from './verify-light-client-header.ts';
import { verifyParticipation, verifySyncAggregate } from './verify-sync-aggregate.ts';

/** What a verified update says, and the store under which it says so. */
export type VerifiedUpdate = Brand<
  {
    readonly store: LightClientStore;
    readonly finalizedHeader: FinalizedHeader;
    readonly finalizedPeriod: number;
    readonly storePeriod: number;
    /** The committee of the period after the attested header's. */
    readonly nextSyncCommittee: SyncCommittee | undefined;
  },
  'VerifiedUpdate'
>;

/**
 * Checks an update or finality update against what the store knows, in the specification's order.
 *
 * SPEC: altair/light-client/sync-protocol.md, `validate_light_client_update`, and the conditions of
 * `process_light_client_update`. DIFF FROM SPEC: only a subset is accepted: two thirds must sign, every
 * update must finalize a block, branches have their fork's exact length, and an update that would not
 * change the store is refused. Nothing is kept for a forced update: after a missed period the client
 * stops, and an operator starts it from a new checkpoint.
 *
 * @param update      untrusted
 * @param currentSlot the host's clock; guards against slots of the future, not against old updates
 * @throws {LightClientError} the first rule that is broken, by name
 * @throws {BlsError} the signature is not the encoding of a point of the subgroup
 */
export function verifyLightClientUpdate(
  store: LightClientStore,
  update: LightClientUpdate,
  config: EthereumConfig,
  currentSlot: number = Number.MAX_SAFE_INTEGER,
): VerifiedUpdate {
  verifyParticipation(update.syncAggregate, config);
  verifyLightClientHeader(update.attestedHeader, config, 'attested header');
  verifySlotOrder(update, currentSlot);
  const periods = computePeriods(store, update, config);
  const committee = signingCommittee(store, periods);
  verifyRelevance(store, update, periods);
  verifyFinality(update, config);
  verifyNextSyncCommittee(store, update, { config, periods });
  verifySignature(update, committee, config);
  const verified = {
    store,
    finalizedHeader: toFinalizedHeader(update.finalizedHeader),
    finalizedPeriod: periods.finalized,
    storePeriod: periods.store,
    nextSyncCommittee: isSyncCommitteeUpdate(update) ? update.nextSyncCommittee : undefined,
  };
  // CAST: the brand of this module; every rule above has held.
  return verified as VerifiedUpdate;
}

/** Sync committee periods of the slots that the rules compare. */
interface Periods {
  readonly store: number;
  readonly finalized: number;
  readonly attested: number;
  readonly signature: number;
}

interface Context {
  readonly config: EthereumConfig;
  readonly periods: Periods;
}

function computePeriods(
  store: LightClientStore,
  update: LightClientUpdate,
  config: EthereumConfig,
): Periods {
  const periodAt = (slot: number) => computeSyncCommitteePeriodAtSlot(slot, config);
  return {
    store: periodAt(store.finalizedHeader.beacon.slot),
    finalized: periodAt(update.finalizedHeader.beacon.slot),
    attested: periodAt(update.attestedHeader.beacon.slot),
    signature: periodAt(update.signatureSlot),
  };
}

/** SPEC: `current_slot >= signature_slot > update_attested_slot >= update_finalized_slot`. */
function verifySlotOrder(update: LightClientUpdate, currentSlot: number): void {
  const { signatureSlot } = update;
  const attested = update.attestedHeader.beacon.slot;
  const finalized = update.finalizedHeader.beacon.slot;
  if (currentSlot >= signatureSlot && signatureSlot > attested && attested >= finalized) return;
  throw new LightClientError('ETHEREUM_SLOT_ORDER', {
    subject: 'slots',
    expected: 'current >= signature > attested >= finalized',
    got: `${currentSlot}, ${signatureSlot}, ${attested}, ${finalized}`,
  });
}

/** The committee of the signature's period: the current one, or the next one where it is known. */
function signingCommittee(store: LightClientStore, periods: Periods): SyncCommittee {
  const { currentSyncCommittee, nextSyncCommittee } = store;
  if (periods.signature === periods.store) return currentSyncCommittee;
  if (periods.signature === periods.store + 1 && nextSyncCommittee !== undefined) {
    return nextSyncCommittee;
  }
  const orNext = nextSyncCommittee === undefined ? '' : ` or ${periods.store + 1}`;
  const expected = `period ${periods.store}${orNext}`;
  throw broken('ETHEREUM_SIGNATURE_PERIOD', 'signature_slot', expected, periods.signature);
}

/**
 * SPEC: "update is relevant", and the conditions under which a two-thirds update is applied at all:
 * a newer finalized header, or `update_has_finalized_next_sync_committee`.
 */
function verifyRelevance(
  store: LightClientStore,
  update: LightClientUpdate,
  periods: Periods,
): void {
  if (isZeroBranch(update.finalityBranch)) {
    const expected = 'a finality branch';
    throw broken('ETHEREUM_UPDATE_NOT_FINAL', 'finality_branch', expected, 'an empty one');
  }
  const learnsNextCommittee =
    store.nextSyncCommittee === undefined &&
    isSyncCommitteeUpdate(update) &&
    periods.attested === periods.store &&
    periods.finalized === periods.attested;
  const known = store.finalizedHeader.beacon.slot;
  const finalized = update.finalizedHeader.beacon.slot;
  if (finalized > known || learnsNextCommittee) return;
  const expected = `a finalized slot above ${known}, or an unknown next committee`;
  throw broken('ETHEREUM_UPDATE_IRRELEVANT', 'finalized_header', expected, finalized);
}

/**
 * The attested state must call the finalized header final.
 *
 * DIFF FROM SPEC: the zero root that stands for genesis is not accepted.
 */
function verifyFinality(update: LightClientUpdate, config: EthereumConfig): void {
  const { attestedHeader, finalizedHeader, finalityBranch } = update;
  verifyLightClientHeader(finalizedHeader, config, 'finalized header');
  verifyBranch({
    subject: 'finality branch',
    leaf: hashTreeRootOfBeaconBlockHeader(finalizedHeader.beacon),
    branch: finalityBranch,
    gindex: forkAtSlot(attestedHeader.beacon.slot, config).rules.FINALIZED_ROOT_GINDEX,
    root: attestedHeader.beacon.stateRoot,
  });
}

/** SPEC: `is_sync_committee_update`: the branch is not the default one. */
function isSyncCommitteeUpdate(update: LightClientUpdate): boolean {
  return !isZeroBranch(update.nextSyncCommitteeBranch);
}

function verifyNextSyncCommittee(
  store: LightClientStore,
  update: LightClientUpdate,
  { config, periods }: Context,
): void {
  const { nextSyncCommittee: next, attestedHeader } = update;
  if (!isSyncCommitteeUpdate(update) || next === undefined) {
    verifyNoNextSyncCommittee(update);
    return;
  }
  const known = store.nextSyncCommittee;
  if (periods.attested === periods.store && known !== undefined && !isSameCommittee(known, next)) {
    const expected = 'the stored committee of the same period';
    throw broken('ETHEREUM_NEXT_COMMITTEE_MISMATCH', 'next_sync_committee', expected, 'another');
  }
  verifyBranch({
    subject: 'next sync committee branch',
    leaf: hashTreeRootOfSyncCommittee(next),
    branch: update.nextSyncCommitteeBranch,
    gindex: forkAtSlot(attestedHeader.beacon.slot, config).rules.NEXT_SYNC_COMMITTEE_GINDEX,
    root: attestedHeader.beacon.stateRoot,
  });
}

/** A committee needs a branch and a branch a committee; without either both are the default. */
function verifyNoNextSyncCommittee(update: LightClientUpdate): void {
  const { nextSyncCommittee: next } = update;
  const isDefault = next === undefined || isZeroBranch([next.pubkeys, next.aggregatePubkey]);
  if (isDefault && !isSyncCommitteeUpdate(update)) return;
  const [subject, expected] = ['next_sync_committee', 'a committee together with its branch'];
  throw broken('ETHEREUM_NEXT_COMMITTEE_NOT_DEFAULT', subject, expected, 'one without the other');
}

function isSameCommittee(a: SyncCommittee, b: SyncCommittee): boolean {
  return equalBytes(a.pubkeys, b.pubkeys) && equalBytes(a.aggregatePubkey, b.aggregatePubkey);
}

function verifySignature(
  update: LightClientUpdate,
  committee: SyncCommittee,
  config: EthereumConfig,
): void {
  const attestedRoot = hashTreeRootOfBeaconBlockHeader(update.attestedHeader.beacon);
  const signingRoot = computeSyncCommitteeSigningRoot(attestedRoot, update.signatureSlot, config);
  verifySyncAggregate(update.syncAggregate, committee, signingRoot);
}

function broken(
  code: LightClientErrorCode,
  subject: string,
  ...[expected, got]: readonly [string, string | number]
): LightClientError {
  return new LightClientError(code, { subject, expected, got: String(got) });
}
