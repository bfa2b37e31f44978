import { Tree } from '@chainsafe/persistent-merkle-tree';
import { ssz } from '@lodestar/types';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { type BeaconBlockBody, toPayloadHeader } from './beacon-block.ts';
import type { BeaconBlockHeader, BeaconStateView } from './beacon-state.ts';
import { createGloasHeader, type GloasBody, type GloasHeader } from './gloas.ts';

export type FuluHeader = ReturnType<typeof ssz.fulu.LightClientHeader.defaultValue>;
/** Of the fork of the block's slot. */
export type LightClientHeader = FuluHeader | GloasHeader;

/**
 * Generalized indices in the state. SPEC: consensus-specs electra/light-client/sync-protocol.md, which holds in Fulu, and
 * gloas/light-client/sync-protocol.md.
 */
const GINDICES = {
  fulu: { finalizedRoot: 169n, currentSyncCommittee: 86n, nextSyncCommittee: 87n },
  gloas: { finalizedRoot: 735n, currentSyncCommittee: 2945n, nextSyncCommittee: 2946n },
} as const;
/** In a body up to Fulu. SPEC: consensus-specs capella/light-client/sync-protocol.md. */
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
  block: { body: BeaconBlockBody | GloasBody; signature: Uint8Array },
): BlockRecord {
  const tree = new Tree(state.node);
  const gindices = GINDICES[isGloasBody(block.body) ? 'gloas' : 'fulu'];
  return {
    slot: header.slot,
    root: toHex(ssz.phase0.BeaconBlockHeader.hashTreeRoot(header)),
    header: isGloasBody(block.body)
      ? createGloasHeader(header, block.body)
      : createFuluHeader(header, block.body),
    signature: block.signature,
    previousJustified: toCheckpoint(state.previousJustifiedCheckpoint),
    currentJustified: toCheckpoint(state.currentJustifiedCheckpoint),
    finalized: toCheckpoint(state.finalizedCheckpoint),
    finalityBranch: tree.getSingleProof(gindices.finalizedRoot),
    currentSyncCommitteeBranch: tree.getSingleProof(gindices.currentSyncCommittee),
    nextSyncCommitteeBranch: tree.getSingleProof(gindices.nextSyncCommittee),
  };
}

/** SPEC: consensus-specs capella/light-client/full-node.md, `block_to_light_client_header`. */
function createFuluHeader(beacon: BeaconBlockHeader, body: BeaconBlockBody): FuluHeader {
  const tree = new Tree(ssz.fulu.BeaconBlockBody.toView(body).node);
  return {
    beacon,
    execution: toPayloadHeader(body.executionPayload),
    executionBranch: tree.getSingleProof(EXECUTION_PAYLOAD_GINDEX),
  };
}

function isGloasBody(body: BeaconBlockBody | GloasBody): body is GloasBody {
  return 'signedExecutionPayloadBid' in body;
}

function toCheckpoint(checkpoint: { epoch: number; root: Uint8Array }): CheckpointRecord {
  return { epoch: checkpoint.epoch, root: toHex(checkpoint.root) };
}
