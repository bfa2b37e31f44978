import { aggregatePublicKeys, aggregateSignatures, SecretKey } from '@chainsafe/blst';
import { computeSyncCommitteeSigningRoot } from '../../src/light-client/ethereum/compute-domain.ts';
import type { EthereumConfig } from '../../src/light-client/ethereum/config.ts';
import { ethereumConfigSchema } from '../../src/light-client/ethereum/config.ts';
import { forkAtSlot } from '../../src/light-client/ethereum/forks.ts';
import {
  hashTreeRootOfBeaconBlockHeader,
  hashTreeRootOfExecutionPayloadHeader,
  hashTreeRootOfSyncCommittee,
} from '../../src/light-client/ethereum/hash-tree-root.ts';
import { initializeLightClientStore } from '../../src/light-client/ethereum/initialize-light-client-store.ts';
import type {
  ExecutionPayloadHeader,
  LightClientBootstrap,
  LightClientHeader,
  LightClientStore,
  LightClientUpdate,
  SyncCommittee,
} from '../../src/light-client/ethereum/types.ts';
import { concatBytes, toHex } from '../../src/shared/bytes.ts';
import { type SparseTree, sparseTree } from '../reference/ethereum/sparse-tree.ts';
import { filled, makeExecutionBlock } from './execution-block.ts';

// A made-up beacon chain whose keys the tests hold, so that a false update can be signed correctly and
// only the rule under test is broken. Minimal preset: 8 slots an epoch, 64 a period, 32 members.

/** Forks at slots 0, 32, 80, 160, 320 and, without rules, Heze at 480. */
export const WORLD: EthereumConfig = ethereumConfigSchema.parse({
  preset: 'minimal',
  genesisValidatorsRoot: `0x${'11'.repeat(32)}`,
  forks: [
    { name: 'capella', version: '0x03000001', epoch: 0 },
    { name: 'deneb', version: '0x04000001', epoch: 4 },
    { name: 'electra', version: '0x05000001', epoch: 10 },
    { name: 'fulu', version: '0x06000001', epoch: 20 },
    { name: 'gloas', version: '0x07000001', epoch: 40 },
    { name: 'heze', version: '0x08000001', epoch: 60 },
  ],
  checkpointRoot: `0x${'00'.repeat(32)}`,
});

/** A sync committee with its secret keys. */
export interface Signers {
  readonly keys: readonly SecretKey[];
  readonly committee: SyncCommittee;
}

/** The same committee for the same seed. */
export function makeSigners(seed: number, size = 32): Signers {
  const keys = Array.from({ length: size }, (_, i) =>
    SecretKey.fromKeygen(new Uint8Array(32).fill(seed), Uint8Array.of(i & 255, i >> 8)),
  );
  const publicKeys = keys.map((key) => key.toPublicKey());
  const pubkeys = concatBytes(...publicKeys.map((key) => key.toBytes()));
  const aggregatePubkey = new Uint8Array(aggregatePublicKeys(publicKeys).toBytes());
  return { keys, committee: { pubkeys, aggregatePubkey } };
}

/** What an update shall say; whatever is left out is in order. */
export interface UpdatePlan {
  readonly signers: Signers;
  readonly finalizedSlot: number;
  readonly attestedSlot: number;
  /** The slot after the attested one. */
  readonly signatureSlot?: number;
  readonly next?: SyncCommittee;
  /** How many sign, from the first; all of them. */
  readonly participants?: number;
  /** Signs under this table instead, to get the domain wrong. */
  readonly signedUnder?: EthereumConfig;
  /** Builds the attested state by the rules of this slot's fork instead. */
  readonly stateLike?: number;
  /** Claims this finalized root instead of the true one, in the state that is signed. */
  readonly finalizedRoot?: Uint8Array;
}

/** An update whose branches and signature are right for the plan. */
export function makeUpdate(plan: UpdatePlan, config: EthereumConfig = WORLD): LightClientUpdate {
  const { signers, attestedSlot, next } = plan;
  const signatureSlot = plan.signatureSlot ?? attestedSlot + 1;
  const { rules } = forkAtSlot(plan.stateLike ?? attestedSlot, config);
  const finalizedHeader = makeHeader(plan.finalizedSlot, config);
  const finalizedRoot =
    plan.finalizedRoot ?? hashTreeRootOfBeaconBlockHeader(finalizedHeader.beacon);
  const leaves = new Map([[rules.FINALIZED_ROOT_GINDEX, finalizedRoot]]);
  if (next) leaves.set(rules.NEXT_SYNC_COMMITTEE_GINDEX, hashTreeRootOfSyncCommittee(next));
  const state = sparseTree(leaves);
  const attestedHeader = makeHeader(attestedSlot, config, state);
  const update = {
    attestedHeader,
    nextSyncCommittee: next,
    nextSyncCommitteeBranch: next ? state.branch(rules.NEXT_SYNC_COMMITTEE_GINDEX) : [],
    finalizedHeader,
    finalityBranch: state.branch(rules.FINALIZED_ROOT_GINDEX),
    signatureSlot,
  };
  const root = computeSyncCommitteeSigningRoot(
    hashTreeRootOfBeaconBlockHeader(attestedHeader.beacon),
    signatureSlot,
    plan.signedUnder ?? config,
  );
  return { ...update, syncAggregate: sign(signers, root, plan.participants) };
}

/** An aggregate of the first `participants` signatures. */
function sign(
  { keys }: Signers,
  root: Uint8Array,
  participants: number = keys.length,
): LightClientUpdate['syncAggregate'] {
  const bits = new Uint8Array(keys.length / 8);
  for (let i = 0; i < participants; i++) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  const signatures = keys.slice(0, participants).map((key) => key.sign(root));
  const syncCommitteeSignature = new Uint8Array(aggregateSignatures(signatures).toBytes());
  return { syncCommitteeBits: bits, syncCommitteeSignature };
}

/** A bootstrap, and the configuration that pins it. */
export function makeBootstrap(
  slot: number,
  committee: SyncCommittee,
  config: EthereumConfig = WORLD,
): { bootstrap: LightClientBootstrap; config: EthereumConfig } {
  const gindex = forkAtSlot(slot, config).rules.CURRENT_SYNC_COMMITTEE_GINDEX;
  const state = sparseTree(new Map([[gindex, hashTreeRootOfSyncCommittee(committee)]]));
  const header = makeHeader(slot, config, state);
  const checkpointRoot = toHex(hashTreeRootOfBeaconBlockHeader(header.beacon));
  const currentSyncCommitteeBranch = state.branch(gindex);
  return {
    bootstrap: { header, currentSyncCommittee: committee, currentSyncCommitteeBranch },
    config: { ...config, checkpointRoot },
  };
}

/** A store at `slot`, with or without knowledge of the next committee. */
export function makeStore(
  slot: number,
  current: SyncCommittee,
  { next, config = WORLD }: { next?: SyncCommittee; config?: EthereumConfig } = {},
): LightClientStore {
  const made = makeBootstrap(slot, current, config);
  return { ...initializeLightClientStore(made.config, made.bootstrap), nextSyncCommittee: next };
}

/** A header whose execution branch is right for its slot's fork. */
export function makeHeader(
  slot: number,
  config: EthereumConfig,
  state?: SparseTree,
): LightClientHeader {
  const make = forkAtSlot(slot, config).rules.executionPayload ? makePayloadHeader : makeHashHeader;
  return make(slot, config, state);
}

/** A header of the form of Capella to Fulu. */
export function makePayloadHeader(
  slot: number,
  config: EthereumConfig,
  state?: SparseTree,
): LightClientHeader & { readonly execution: ExecutionPayloadHeader } {
  const payload = forkAtSlot(slot, config).rules.executionPayload;
  const { EXECUTION_PAYLOAD_GINDEX: gindex, header: form } = payload ?? LATEST_PAYLOAD;
  const execution = makeExecutionBlock(slot, config).payload;
  const leaf = hashTreeRootOfExecutionPayloadHeader(execution, form);
  return { ...makeBlock(slot, [gindex, leaf], state), execution };
}

/** A header of the Gloas form, of any fork. From Gloas on it proves the block before: that which its bid builds on. */
export function makeHashHeader(
  slot: number,
  config: EthereumConfig,
  state?: SparseTree,
): LightClientHeader {
  const { EXECUTION_BLOCK_HASH_GINDEX: gindex, executionPayload } = forkAtSlot(slot, config).rules;
  const { blockHash } = makeExecutionBlock(executionPayload ? slot : slot - 1, config).payload;
  return { ...makeBlock(slot, [gindex, blockHash], state), execution: { blockHash } };
}

const LATEST_PAYLOAD = { EXECUTION_PAYLOAD_GINDEX: 25, header: 'deneb' } as const;

/** A beacon block with one leaf in its body, and that leaf's branch. */
function makeBlock(
  slot: number,
  [gindex, leaf]: readonly [number, Uint8Array],
  state: SparseTree | undefined,
): Pick<LightClientHeader, 'beacon' | 'executionBranch'> {
  const body = sparseTree(new Map([[gindex, leaf]]));
  const beacon = {
    slot,
    proposerIndex: BigInt(slot % 7),
    parentRoot: filled(32, slot),
    stateRoot: state?.root ?? filled(32, slot + 1),
    bodyRoot: body.root,
  };
  return { beacon, executionBranch: body.branch(gindex) };
}
