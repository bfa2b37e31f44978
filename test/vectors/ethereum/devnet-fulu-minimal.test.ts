import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../src/crypto/hashes.ts';
import { applyLightClientUpdate } from '../../../src/light-client/ethereum/apply-light-client-update.ts';
import { parseUpdate } from '../../../src/light-client/ethereum/parse-update.ts';
import type { LightClientStore } from '../../../src/light-client/ethereum/types.ts';
import { verifyAccountProof } from '../../../src/light-client/ethereum/verify-account-proof.ts';
import { verifyLightClientUpdate } from '../../../src/light-client/ethereum/verify-light-client-update.ts';
import { verifyStorageProof } from '../../../src/light-client/ethereum/verify-storage-proof.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import { nodes } from '../../support/ethereum-vectors.ts';
import {
  type FuluRecording,
  parseCommittee,
  readFuluRecording,
  toBeaconApi,
} from '../../support/fulu-devnet.ts';
import { refusal } from '../../support/refusal.ts';
import { vectorsMissing } from '../../support/vectors.ts';

function follow({ config, store, updates }: FuluRecording): LightClientStore[] {
  const stores = [store];
  for (const { consensus_update: json } of updates) {
    const before = stores[stores.length - 1] ?? store;
    const update = parseUpdate(toBeaconApi(json), config);
    stores.push(applyLightClientUpdate(before, verifyLightClientUpdate(before, update, config)));
  }
  return stores;
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
    expect(slotsOf(follow(readFuluRecording(name)))).toEqual(slots);
  });

  it('hands over to the committee that signs the next update', () => {
    const recording = readFuluRecording('Test_MultiPeriodClientUpdateToCosmos');
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
    const recording = readFuluRecording(name);
    const stateRoots = follow(recording).map(
      (store) => store.finalizedHeader.execution.stated?.stateRoot,
    );
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
    const { proofs } = readFuluRecording('Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack');
    const [first, second] = proofs;
    const { key, proof } = first.storage_proof;
    const { code } = refusal(() =>
      verifyStorageProof(second.account_proof.storage_root, word(key), nodes(proof)),
    );
    expect(code).toBe('TRIE_NODE_HASH_MISMATCH');
  });
});
