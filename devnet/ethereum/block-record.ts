import { Tree } from '@chainsafe/persistent-merkle-tree';
import { ssz } from '@lodestar/types';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { type BeaconBlockBody, toPayloadHeader } from './beacon-block.ts';
import type { BeaconBlockHeader, BeaconStateView } from './beacon-state.ts';

export type LightClientHeader = ReturnType<typeof ssz.fulu.LightClientHeader.defaultValue>;

/** Generalized indices. SPEC: consensus-specs electra/light-client/sync-protocol.md, capella's for the payload. */
const FINALIZED_ROOT_GINDEX = 169n;
const CURRENT_SYNC_COMMITTEE_GINDEX = 86n;
const NEXT_SYNC_COMMITTEE_GINDEX = 87n;
const EXECUTION_PAYLOAD_GINDEX = 25n;

export interface CheckpointRecord {
  readonly epoch: number;
  readonly root: Hex;
}

/**
 * All that is ever asked of a block and its post-state. Branches are taken when the block is made, so that no
 * state but the head's is kept.
 */
export interface BlockRecord {
  readonly slot: number;
  readonly root: Hex;
  readonly header: LightClientHeader;
  readonly signature: Uint8Array;
  readonly previousJustified: CheckpointRecord;
  readonly currentJustified: CheckpointRecord;
  readonly finalized: CheckpointRecord;
  readonly finalityBranch: Uint8Array[];
  readonly currentSyncCommitteeBranch: Uint8Array[];
  readonly nextSyncCommitteeBranch: Uint8Array[];
}

/** @param state the block's post-state, committed (its root computed) */
export function createBlockRecord(
  state: BeaconStateView,
  header: BeaconBlockHeader,
  block: { body: BeaconBlockBody; signature: Uint8Array },
): BlockRecord {
  const tree = new Tree(state.node);
  return {
    slot: header.slot,
    root: toHex(ssz.phase0.BeaconBlockHeader.hashTreeRoot(header)),
    header: createLightClientHeader(header, block.body),
    signature: block.signature,
    previousJustified: toCheckpoint(state.previousJustifiedCheckpoint),
    currentJustified: toCheckpoint(state.currentJustifiedCheckpoint),
    finalized: toCheckpoint(state.finalizedCheckpoint),
    finalityBranch: tree.getSingleProof(FINALIZED_ROOT_GINDEX),
    currentSyncCommitteeBranch: tree.getSingleProof(CURRENT_SYNC_COMMITTEE_GINDEX),
    nextSyncCommitteeBranch: tree.getSingleProof(NEXT_SYNC_COMMITTEE_GINDEX),
  };
}

/** SPEC: consensus-specs capella/light-client/full-node.md, `block_to_light_client_header`. */
function createLightClientHeader(
  beacon: BeaconBlockHeader,
  body: BeaconBlockBody,
): LightClientHeader {
  const tree = new Tree(ssz.fulu.BeaconBlockBody.toView(body).node);
  return {
    beacon,
    execution: toPayloadHeader(body.executionPayload),
    executionBranch: tree.getSingleProof(EXECUTION_PAYLOAD_GINDEX),
  };
}

function toCheckpoint(checkpoint: { epoch: number; root: Uint8Array }): CheckpointRecord {
  return { epoch: checkpoint.epoch, root: toHex(checkpoint.root) };
}
