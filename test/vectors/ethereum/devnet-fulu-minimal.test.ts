import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../src/crypto/hashes.ts';
import { applyLightClientUpdate } from '../../../src/light-client/ethereum/apply-light-client-update.ts';
import {
  type EthereumConfig,
  ethereumConfigSchema,
} from '../../../src/light-client/ethereum/config.ts';
import { parseUpdate } from '../../../src/light-client/ethereum/parse-update.ts';
import type { LightClientStore, SyncCommittee } from '../../../src/light-client/ethereum/types.ts';
import { verifyAccountProof } from '../../../src/light-client/ethereum/verify-account-proof.ts';
import { verifyLightClientUpdate } from '../../../src/light-client/ethereum/verify-light-client-update.ts';
import { verifyStorageProof } from '../../../src/light-client/ethereum/verify-storage-proof.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { type Json, nodes } from '../../support/ethereum-vectors.ts';
import { refusal } from '../../support/refusal.ts';
import { readVectorJson, vectorsMissing } from '../../support/vectors.ts';

// The recording is of a client that starts from a trusted store, not from a bootstrap, and keeps of its
// committees only hashes; the keys stand beside each update. So the first store is put together here.

const FORK_ORDER = ['altair', 'bellatrix', 'capella', 'deneb', 'electra', 'fulu'];

interface Recording {
  readonly config: EthereumConfig;
  readonly store: LightClientStore;
  readonly updates: readonly Json[];
  readonly proofs: readonly Json[];
  readonly contract: Hex;
}

function load(name: string): Recording {
  const { steps } = readVectorJson<Json>(`ethereum/devnet-fulu-minimal/${name}.json`);
  const { client_state: client, consensus_state: trusted } = steps[0].data;
  const decoded: Json[] = steps.slice(1).flatMap((step: Json) => step._decoded);
  const updates = decoded.filter((item) => item.consensus_update);
  const config = ethereumConfigSchema.parse({
    preset: 'minimal',
    genesisValidatorsRoot: client.genesis_validators_root,
    forks: FORK_ORDER.map((fork) => ({ name: fork, ...client.fork_parameters[fork] })),
    checkpointRoot: `0x${'00'.repeat(32)}`,
  });
  return {
    config,
    store: trustedStore(trusted, updates[0].active_sync_committee),
    updates,
    proofs: decoded.filter((item) => item.account_proof),
    contract: client.ibc_contract_address,
  };
}

function trustedStore(trusted: Json, active: Json): LightClientStore {
  const root = new Uint8Array(32);
  const stateRoot = fromHex(trusted.state_root);
  const beacon = {
    slot: trusted.slot,
    proposerIndex: 0n,
    parentRoot: root,
    stateRoot,
    bodyRoot: root,
  };
  const execution = {
    blockHash: `0x${'00'.repeat(32)}`,
    blockNumber: 0n,
    stateRoot: trusted.state_root,
    timestamp: 0n,
  } as const;
  const next = parseCommittee(active.Next);
  return {
    finalizedHeader: { beacon, execution },
    currentSyncCommittee: next,
    nextSyncCommittee: next,
  };
}

function parseCommittee(json: Json): SyncCommittee {
  const pubkeys = concatBytes(...json.pubkeys.map((key: string) => fromHex(key)));
  return { pubkeys, aggregatePubkey: fromHex(json.aggregate_pubkey) };
}

function follow({ config, store, updates }: Recording): LightClientStore[] {
  const stores = [store];
  for (const { consensus_update: json } of updates) {
    const before = stores[stores.length - 1] ?? store;
    const update = parseUpdate(toBeaconApi(json), config);
    stores.push(applyLightClientUpdate(before, verifyLightClientUpdate(before, update, config)));
  }
  return stores;
}

/** The recording writes the base fee in hex; the Beacon API, like our parser, knows decimals only. */
function toBeaconApi(json: Json): Json {
  for (const { execution } of [json.attested_header, json.finalized_header]) {
    execution.base_fee_per_gas = BigInt(execution.base_fee_per_gas).toString();
  }
  return json;
}

const slotsOf = (stores: readonly LightClientStore[]) =>
  stores.map((store) => store.finalizedHeader.beacon.slot);

const word = (hex: string): Hex => `0x${hex.slice(2).padStart(64, '0')}`;

describe.skipIf(vectorsMissing)('recorded data of a Fulu devnet, minimal preset', () => {
  it.each([
    ['Test_MultiPeriodClientUpdateToCosmos', [72, 128, 192, 216]],
    ['Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack', [72, 128, 192, 216]],
    ['Test_ICS20TransferNativeCosmosCoinsToEthereumAndBack', [64, 128, 136, 168]],
    ['Test_TimeoutPacketFromCosmos', [72, 128, 136]],
  ])('follows %s through its hand-overs', (name, slots) => {
    expect(slotsOf(follow(load(name)))).toEqual(slots);
  });

  it('hands over to the committee that signs the next update', () => {
    const recording = load('Test_MultiPeriodClientUpdateToCosmos');
    const stores = follow(recording);
    const signs = recording.updates.map(({ active_sync_committee: active }) =>
      parseCommittee(active.Next ?? active.Current),
    );
    expect(stores[1]?.currentSyncCommittee).toEqual(signs[0]);
    expect(stores[2]?.currentSyncCommittee).toEqual(signs[1]);
    expect(stores[3]?.currentSyncCommittee).toEqual(signs[2]);
  });

  it.each([
    'Test_MultiPeriodClientUpdateToCosmos',
    'Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack',
    'Test_ICS20TransferNativeCosmosCoinsToEthereumAndBack',
    'Test_TimeoutPacketFromCosmos',
  ])('proves the account and the slot of %s, present or empty', (name) => {
    const recording = load(name);
    const stateRoots = follow(recording).map((store) => store.finalizedHeader.execution.stateRoot);
    for (const { account_proof: account, storage_proof: storage } of recording.proofs) {
      const proofs = nodes(account.proof);
      // Which of the finalized blocks a proof is of is not recorded.
      const rootNode = toHex(keccak256(proofs[0] ?? new Uint8Array()));
      const stateRoot = stateRoots.find((root) => root === rootNode) ?? '0x';
      const proven = verifyAccountProof(stateRoot, recording.contract, proofs);
      expect(proven?.storageRoot).toBe(account.storage_root);
      const value = verifyStorageProof(
        account.storage_root,
        word(storage.key),
        nodes(storage.proof),
      );
      expect(value).toBe(word(storage.value));
    }
  });

  it('refuses the storage proof of one account under the root of another state', () => {
    const { proofs } = load('Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack');
    const [first, second] = proofs;
    const { key, proof } = first.storage_proof;
    const { code } = refusal(() =>
      verifyStorageProof(second.account_proof.storage_root, word(key), nodes(proof)),
    );
    expect(code).toBe('TRIE_NODE_HASH_MISMATCH');
  });
});
