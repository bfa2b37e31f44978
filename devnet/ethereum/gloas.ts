import { Tree } from '@chainsafe/persistent-merkle-tree';
import { ssz } from '@lodestar/types';
import type { ExecutionPayload, SyncAggregate } from './beacon-block.ts';

// What Gloas changes of a chain in good order: a block no longer holds its payload but a bid for one, and the payload
// counts from the next block on. Here every proposer builds its own, and every payload is there in time.
// SPEC: consensus-specs gloas/{beacon-chain,fork}.md, gloas/light-client/sync-protocol.md.

export type GloasState = ReturnType<typeof ssz.gloas.BeaconState.toViewDU>;
export type GloasBody = ReturnType<typeof ssz.gloas.BeaconBlockBody.defaultValue>;
export type GloasHeader = ReturnType<typeof ssz.gloas.LightClientHeader.defaultValue>;
type FuluHeader = ReturnType<typeof ssz.fulu.LightClientHeader.defaultValue>;
type FuluState = ReturnType<typeof ssz.fulu.BeaconState.toViewDU>;
type BeaconBlockHeader = ReturnType<typeof ssz.phase0.BeaconBlockHeader.defaultValue>;

/** Generalized index of the bid's parent block hash in the body: the execution block that the beacon block builds on. */
const EXECUTION_BLOCK_HASH_GINDEX = 2856n;
const EXECUTION_BRANCH_DEPTH = 11;
/** Generalized index of `block_hash` in an `ExecutionPayloadHeader`. */
const BLOCK_HASH_IN_PAYLOAD_HEADER = 44n;
/** `BUILDER_INDEX_SELF_BUILD`: the largest uint64, no builder's index. */
const SELF_BUILD = Number.POSITIVE_INFINITY;

/**
 * `upgrade_to_gloas`. DIFF FROM SPEC: the payload-timeliness committees stay empty, since nobody votes here.
 *
 * @param version 4 bytes, that of the fork
 */
export function upgradeToGloas(
  pre: FuluState,
  { version, epoch }: { readonly version: Uint8Array; readonly epoch: number },
): GloasState {
  const { latestExecutionPayloadHeader: payload, ...carried } = pre.toValue();
  const { blockHash } = payload;
  const value = {
    ...ssz.gloas.BeaconState.defaultValue(),
    ...carried,
    fork: { previousVersion: carried.fork.currentVersion, currentVersion: version, epoch },
    latestBlockHash: blockHash,
  };
  value.latestExecutionPayloadBid.blockHash = blockHash;
  return ssz.gloas.BeaconState.toViewDU(value);
}

/** A body whose proposer bids with the payload that it has just made, on top of the one before. */
export function createGloasBody(
  state: GloasState,
  parts: {
    readonly payload: ExecutionPayload;
    readonly parentRoot: Uint8Array;
    readonly syncAggregate: SyncAggregate;
    readonly randaoReveal: Uint8Array;
  },
): GloasBody {
  const { payload, parentRoot, syncAggregate, randaoReveal } = parts;
  const body = ssz.gloas.BeaconBlockBody.defaultValue();
  const bid = body.signedExecutionPayloadBid.message;
  bid.parentBlockHash = state.latestExecutionPayloadBid.blockHash;
  bid.parentBlockRoot = parentRoot;
  bid.blockHash = payload.blockHash;
  bid.prevRandao = payload.prevRandao;
  bid.feeRecipient = payload.feeRecipient;
  bid.gasLimit = BigInt(payload.gasLimit);
  bid.builderIndex = SELF_BUILD;
  bid.slot = state.slot;
  return { ...body, syncAggregate, randaoReveal };
}

/** `process_parent_execution_payload` and `process_execution_payload_bid`. */
export function applyBid(state: GloasState, { signedExecutionPayloadBid }: GloasBody): void {
  const { message } = signedExecutionPayloadBid;
  state.latestBlockHash = message.parentBlockHash;
  state.latestExecutionPayloadBid = ssz.gloas.ExecutionPayloadBid.toViewDU(message);
}

/** `block_to_light_client_header`. */
export function createGloasHeader(beacon: BeaconBlockHeader, body: GloasBody): GloasHeader {
  const tree = new Tree(ssz.gloas.BeaconBlockBody.value_toTree(body));
  return {
    beacon,
    executionBlockHash: body.signedExecutionPayloadBid.message.parentBlockHash,
    executionBranch: tree.getSingleProof(EXECUTION_BLOCK_HASH_GINDEX),
  };
}

/** `upgrade_lc_header_to_gloas`: the branch is that of the older fork, filled with zeros in front to this one's length. */
export function upgradeHeader({ beacon, execution, executionBranch }: FuluHeader): GloasHeader {
  const tree = new Tree(ssz.fulu.ExecutionPayloadHeader.value_toTree(execution));
  const branch = [...tree.getSingleProof(BLOCK_HASH_IN_PAYLOAD_HEADER), ...executionBranch];
  const missing = Math.max(0, EXECUTION_BRANCH_DEPTH - branch.length);
  return {
    beacon,
    executionBlockHash: execution.blockHash,
    executionBranch: [...Array.from({ length: missing }, () => new Uint8Array(32)), ...branch],
  };
}
