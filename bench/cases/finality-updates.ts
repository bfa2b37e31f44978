import { fastAggregateVerify, PublicKey, Signature } from '@chainsafe/blst';
import { bitAt } from '../../src/codec/ssz.ts';
import { applyLightClientUpdate } from '../../src/light-client/ethereum/apply-light-client-update.ts';
import { computeSyncCommitteeSigningRoot } from '../../src/light-client/ethereum/compute-domain.ts';
import type { EthereumConfig } from '../../src/light-client/ethereum/config.ts';
import { hashTreeRootOfBeaconBlockHeader } from '../../src/light-client/ethereum/hash-tree-root.ts';
import { initializeLightClientStore } from '../../src/light-client/ethereum/initialize-light-client-store.ts';
import { parseBootstrap } from '../../src/light-client/ethereum/parse-bootstrap.ts';
import { parseFinalityUpdate, parseUpdate } from '../../src/light-client/ethereum/parse-update.ts';
import type { LightClientStore, LightClientUpdate } from '../../src/light-client/ethereum/types.ts';
import { verifyLightClientUpdate } from '../../src/light-client/ethereum/verify-light-client-update.ts';
import { MAINNET_CAPELLA, mainnetCapella } from '../../test/support/ethereum-vectors.ts';
import { makeSigners, makeStore, makeUpdate, WORLD } from '../../test/support/ethereum-world.ts';
import { vectorsMissing } from '../../test/support/vectors.ts';

/** A finality update and the client that is to take it. */
export interface FinalityCase {
  readonly name: string;
  readonly config: EthereumConfig;
  readonly store: LightClientStore;
  /** Reads the update anew from what a beacon node answers, where that was recorded. */
  readonly read: () => LightClientUpdate;
}

/** The recorded one of mainnet, 512 keys, if it is here, and a made-up one of the minimal preset, 32 keys. */
export function finalityCases(): FinalityCase[] {
  return vectorsMissing ? [minimalCase()] : [mainnetCase(), minimalCase()];
}

function mainnetCase(): FinalityCase {
  const json = mainnetCapella.finality();
  return {
    name: 'mainnet, 512 keys (recorded, Capella)',
    config: MAINNET_CAPELLA,
    store: followMainnet(),
    read: () => parseFinalityUpdate(json, MAINNET_CAPELLA),
  };
}

function minimalCase(): FinalityCase {
  const signers = makeSigners(1);
  const update = makeUpdate({ signers, finalizedSlot: 168, attestedSlot: 184 });
  return {
    name: 'minimal, 32 keys (made up, Fulu)',
    config: WORLD,
    store: makeStore(160, signers.committee),
    read: () => update,
  };
}

/** Reads, verifies and applies the update. */
export function advance({ store, read, config }: FinalityCase): LightClientStore {
  return applyLightClientUpdate(store, verifyLightClientUpdate(store, read(), config));
}

/** The same client, not knowing its committee's keys as points yet: as after a hand-over. */
export function withColdKeys(finality: FinalityCase): FinalityCase {
  const { store } = finality;
  return {
    ...finality,
    store: { ...store, currentSyncCommittee: { ...store.currentSyncCommittee } },
  };
}

/** What no verifier can leave out: the signature's point, and one aggregate verification under ready keys. */
export function bareSignatureCheck({ store, read, config }: FinalityCase): () => boolean {
  const { syncAggregate, attestedHeader, signatureSlot } = read();
  const { pubkeys } = store.currentSyncCommittee;
  const keys = Array.from({ length: pubkeys.length / 48 }, (_, i) => i)
    .filter((i) => bitAt(syncAggregate.syncCommitteeBits, i))
    .map((i) => PublicKey.fromBytes(pubkeys.subarray(48 * i, 48 * (i + 1))));
  const root = hashTreeRootOfBeaconBlockHeader(attestedHeader.beacon);
  const message = computeSyncCommitteeSigningRoot(root, signatureSlot, config);
  return () => {
    const signature = Signature.fromBytes(syncAggregate.syncCommitteeSignature, true);
    return fastAggregateVerify(message, keys, signature);
  };
}

/** Periods that the recorded mainnet updates span. */
export const RECORDED_PERIODS = 6;

/** Follows the recorded updates from the checkpoint, a hand-over at each. */
export function followMainnet(): LightClientStore {
  const config = MAINNET_CAPELLA;
  const start = initializeLightClientStore(
    config,
    parseBootstrap(mainnetCapella.bootstrap(), config),
  );
  return mainnetCapella.updates().reduce<LightClientStore>((store, json) => {
    const update = parseUpdate(json, config);
    return applyLightClientUpdate(store, verifyLightClientUpdate(store, update, config));
  }, start);
}
