import { createHash } from 'node:crypto';
import { ssz } from '@lodestar/types';
import { BridgeError } from '../../src/shared/errors.ts';
import { toPayload, toPayloadHeader } from './beacon-block.ts';
import {
  computeEpoch,
  EPOCHS_PER_HISTORICAL_VECTOR,
  SLOTS_PER_EPOCH,
  SLOTS_PER_HISTORICAL_ROOT,
  SLOTS_PER_PERIOD,
  SYNC_COMMITTEE_SIZE,
} from './beacon-config.ts';
import type { ExecutionBlock } from './execution-client.ts';
import type { GloasState } from './gloas.ts';
import { computeCommittee, type DevCommittee, type DevValidator } from './validators.ts';

export type FuluState = ReturnType<typeof ssz.fulu.BeaconState.toViewDU>;
export type BeaconStateView = FuluState | GloasState;
export type BeaconBlockHeader = ReturnType<typeof ssz.phase0.BeaconBlockHeader.defaultValue>;

const ZERO_ROOT = new Uint8Array(32);
const MAX_EFFECTIVE_BALANCE_GWEI = 32_000_000_000;
/** `process_justification_and_finalization` does nothing before the end of this epoch. */
const FIRST_JUSTIFYING_EPOCH = 2;

/** The genesis state: every validator active, the execution client's block 0 as latest payload. */
export function createGenesisState(
  { genesisTimeSec, version }: { readonly genesisTimeSec: number; readonly version: Uint8Array },
  validators: readonly DevValidator[],
  payload: ExecutionBlock,
): FuluState {
  requireMinimalPreset();
  const value = ssz.fulu.BeaconState.defaultValue();
  value.genesisTime = genesisTimeSec;
  value.fork = { previousVersion: version, currentVersion: version, epoch: 0 };
  value.latestBlockHeader.bodyRoot = ssz.fulu.BeaconBlockBody.hashTreeRoot(
    ssz.fulu.BeaconBlockBody.defaultValue(),
  );
  value.validators = validators.map(genesisValidator);
  value.balances = validators.map(() => MAX_EFFECTIVE_BALANCE_GWEI);
  value.previousEpochParticipation = validators.map(() => 0);
  value.currentEpochParticipation = validators.map(() => 0);
  value.inactivityScores = validators.map(() => 0);
  value.randaoMixes = value.randaoMixes.map(() => payload.blockHash);
  value.genesisValidatorsRoot = ssz.phase0.Validators.hashTreeRoot(value.validators);
  value.currentSyncCommittee = toSyncCommittee(computeCommittee(validators, 0));
  value.nextSyncCommittee = toSyncCommittee(computeCommittee(validators, 1));
  value.latestExecutionPayloadHeader = toPayloadHeader(toPayload(payload));
  const state = ssz.fulu.BeaconState.toViewDU(value);
  state.proposerLookahead = computeLookahead(0, validators.length);
  return state;
}

/** Validators propose in turn. */
export function computeProposer(slot: number, validatorCount: number): number {
  return slot % validatorCount;
}

function computeLookahead(firstSlot: number, validatorCount: number) {
  const { proposerLookahead } = ssz.fulu.BeaconState.fields;
  const slots = proposerLookahead.defaultValue().map((_, i) => firstSlot + i);
  return proposerLookahead.toViewDU(slots.map((slot) => computeProposer(slot, validatorCount)));
}

function genesisValidator({ pubkey }: DevValidator) {
  return {
    ...ssz.phase0.Validator.defaultValue(),
    pubkey,
    effectiveBalance: MAX_EFFECTIVE_BALANCE_GWEI,
    exitEpoch: Number.POSITIVE_INFINITY,
    withdrawableEpoch: Number.POSITIVE_INFINITY,
  };
}

function toSyncCommittee(committee: DevCommittee) {
  return {
    pubkeys: committee.members.map(({ pubkey }) => pubkey),
    aggregatePubkey: committee.aggregatePubkey,
  };
}

/** Which of the epoch's target votes the pretended attesters cast at its end. */
export interface EpochVotes {
  readonly justifies: boolean;
}

/** `process_slots` by one slot. SPEC: consensus-specs phase0/beacon-chain.md. */
export function advanceSlot(
  state: BeaconStateView,
  validators: readonly DevValidator[],
  votes: EpochVotes,
): void {
  const stateRoot = state.hashTreeRoot();
  const position = state.slot % SLOTS_PER_HISTORICAL_ROOT;
  state.stateRoots.set(position, stateRoot);
  if (isZero(state.latestBlockHeader.stateRoot)) state.latestBlockHeader.stateRoot = stateRoot;
  state.blockRoots.set(position, state.latestBlockHeader.hashTreeRoot());
  const nextSlot = state.slot + 1;
  if (nextSlot % SLOTS_PER_EPOCH === 0) {
    processEpoch(state, votes);
    carryRandaoMix(state);
    state.proposerLookahead = computeLookahead(nextSlot, validators.length);
  }
  if (nextSlot % SLOTS_PER_PERIOD === 0) rotateCommittees(state, validators, nextSlot);
  state.slot = nextSlot;
}

/**
 * Justifies the ending epoch if its votes are there, and finalizes the epoch before it if that was justified too.
 *
 * DIFF FROM SPEC: the votes are given, not counted from attestations, and of the four finality rules only
 * the one that a chain in good order uses is kept.
 */
function processEpoch(state: BeaconStateView, votes: EpochVotes): void {
  const epoch = computeEpoch(state.slot);
  if (epoch < FIRST_JUSTIFYING_EPOCH) return;
  const previous = state.currentJustifiedCheckpoint;
  state.previousJustifiedCheckpoint = previous.clone();
  if (!votes.justifies) return;
  const root = state.blockRoots.get((epoch * SLOTS_PER_EPOCH) % SLOTS_PER_HISTORICAL_ROOT);
  if (previous.epoch === epoch - 1) state.finalizedCheckpoint = previous.clone();
  state.currentJustifiedCheckpoint = ssz.phase0.Checkpoint.toViewDU({ epoch, root });
}

/** `process_randao_mixes_reset`: the next epoch starts from this one's mix. */
function carryRandaoMix(state: BeaconStateView): void {
  const epoch = computeEpoch(state.slot);
  const mix = state.randaoMixes.get(epoch % EPOCHS_PER_HISTORICAL_VECTOR);
  state.randaoMixes.set((epoch + 1) % EPOCHS_PER_HISTORICAL_VECTOR, mix);
}

/** `process_randao`, without the check of a signature that is our own. */
export function applyRandao(state: BeaconStateView, randaoReveal: Uint8Array): void {
  const position = computeEpoch(state.slot) % EPOCHS_PER_HISTORICAL_VECTOR;
  const digest = createHash('sha256').update(randaoReveal).digest();
  const mix = state.randaoMixes.get(position);
  state.randaoMixes.set(
    position,
    mix.map((byte, i) => byte ^ (digest[i] ?? 0)),
  );
}

function rotateCommittees(
  state: BeaconStateView,
  validators: readonly DevValidator[],
  slot: number,
): void {
  const next = computeCommittee(validators, slot / SLOTS_PER_PERIOD + 1);
  state.currentSyncCommittee = state.nextSyncCommittee.clone();
  state.nextSyncCommittee = ssz.altair.SyncCommittee.toViewDU(toSyncCommittee(next));
}

/** The header that `process_block` leaves in the state: its state root is filled a slot later. */
export function applyBlockHeader(
  state: BeaconStateView,
  header: Omit<BeaconBlockHeader, 'stateRoot'>,
): void {
  state.latestBlockHeader = ssz.phase0.BeaconBlockHeader.toViewDU({
    ...header,
    stateRoot: ZERO_ROOT,
  });
}

function isZero(root: Uint8Array): boolean {
  return root.every((byte) => byte === 0);
}

function requireMinimalPreset(): void {
  const size = ssz.altair.SyncCommittee.defaultValue().pubkeys.length;
  if (size !== SYNC_COMMITTEE_SIZE) throw new BeaconPresetError({ committeeSize: size });
}

export class BeaconPresetError extends BridgeError<{ committeeSize: number }> {
  readonly code = 'DEVNET_BEACON_PRESET';
  readonly disposition = 'halt';
  constructor(meta: { committeeSize: number }) {
    super(
      `The SSZ types have committees of ${meta.committeeSize}, expected ${SYNC_COMMITTEE_SIZE}; start the process with LODESTAR_PRESET=minimal.`,
      meta,
    );
  }
}
