import { decodeRlp, encodeRlp, encodeRlpInteger } from '../../src/codec/rlp.ts';
import { applyLightClientUpdate } from '../../src/light-client/ethereum/apply-light-client-update.ts';
import type { EthereumConfig } from '../../src/light-client/ethereum/config.ts';
import { initializeLightClientStore } from '../../src/light-client/ethereum/initialize-light-client-store.ts';
import { parseBootstrap } from '../../src/light-client/ethereum/parse-bootstrap.ts';
import { parseFinalityUpdate, parseUpdate } from '../../src/light-client/ethereum/parse-update.ts';
import {
  decodeLightClientStore,
  encodeLightClientStore,
} from '../../src/light-client/ethereum/store-codec.ts';
import type { LightClientStore, LightClientUpdate } from '../../src/light-client/ethereum/types.ts';
import { verifyAccountProof } from '../../src/light-client/ethereum/verify-account-proof.ts';
import { verifyExecutionHeader } from '../../src/light-client/ethereum/verify-execution-header.ts';
import { verifyLightClientUpdate } from '../../src/light-client/ethereum/verify-light-client-update.ts';
import { verifyStorageProof } from '../../src/light-client/ethereum/verify-storage-proof.ts';
import { type Json, MAINNET_CAPELLA, mainnetCapella, nodes } from '../support/ethereum-vectors.ts';
import { executionHeaderRlp } from '../support/execution-header.ts';
import { readFuluRecording, toBeaconApi } from '../support/fulu-devnet.ts';
import { readVectorJson } from '../support/vectors.ts';
import {
  codecSeed,
  jsonBytes,
  only,
  readJson,
  type Seed,
  type Target,
  verifierSeed,
} from './target.ts';

/** Everything of Ethereum that reads what a host or a node hands over. */
export async function ethereumTargets(): Promise<Target[]> {
  const stores = mainnetStores();
  return [
    { name: 'ethereum/bootstrap', form: 'json', seeds: [await bootstrapSeed()] },
    { name: 'ethereum/update', form: 'json', seeds: await mainnetUpdateSeeds(stores) },
    { name: 'ethereum/update-fulu-minimal', form: 'json', seeds: await fuluUpdateSeeds() },
    { name: 'ethereum/finality-update', form: 'json', seeds: [await finalitySeed(stores)] },
    { name: 'ethereum/execution-header', form: 'bytes', seeds: [await headerSeed()] },
    { name: 'ethereum/account-proof', form: 'nodes', seeds: await accountSeeds() },
    { name: 'ethereum/storage-proof', form: 'nodes', seeds: await storageSeeds() },
    { name: 'ethereum/store', form: 'bytes', seeds: stores.slice(0, 2).map(storeSeed) },
    { name: 'codec/rlp', form: 'bytes', seeds: rlpSeeds() },
  ];
}

function follow(
  store: LightClientStore,
  update: LightClientUpdate,
  config: EthereumConfig,
): LightClientStore {
  return applyLightClientUpdate(store, verifyLightClientUpdate(store, update, config));
}

function startMainnet(json: unknown): LightClientStore {
  return initializeLightClientStore(MAINNET_CAPELLA, parseBootstrap(json, MAINNET_CAPELLA));
}

/** The stores before each recorded update, and after the last. */
function mainnetStores(): LightClientStore[] {
  const stores = [startMainnet(mainnetCapella.bootstrap())];
  for (const json of mainnetCapella.updates()) {
    const last = stores.at(-1);
    if (last) stores.push(follow(last, parseUpdate(json, MAINNET_CAPELLA), MAINNET_CAPELLA));
  }
  return stores;
}

const stated = (store: LightClientStore) => encodeLightClientStore(store).toHex();

function bootstrapSeed(): Promise<Seed> {
  return verifierSeed([jsonBytes(mainnetCapella.bootstrap())], (input) =>
    stated(startMainnet(readJson(input))),
  );
}

/** An update without its committee is a finality update, and proves just that. */
async function updateSeed(
  store: LightClientStore,
  json: Json,
  config: EthereumConfig,
): Promise<Seed> {
  const { next_sync_committee: _, next_sync_committee_branch: __, ...finality } = json.data ?? json;
  const isNews = Number(finality.finalized_header.beacon.slot) > store.finalizedHeader.beacon.slot;
  const alsoAllowed = isNews ? [stated(follow(store, parseUpdate(finality, config), config))] : [];
  const proves = (input: readonly Uint8Array[]) =>
    stated(follow(store, parseUpdate(readJson(input), config), config));
  return verifierSeed([jsonBytes(json)], proves, alsoAllowed);
}

function mainnetUpdateSeeds(stores: readonly LightClientStore[]): Promise<Seed[]> {
  const updates = mainnetCapella.updates().slice(0, 3);
  return Promise.all(
    updates.flatMap((json, i) => {
      const store = stores[i];
      return store ? [updateSeed(store, json, MAINNET_CAPELLA)] : [];
    }),
  );
}

async function fuluUpdateSeeds(): Promise<Seed[]> {
  const { config, store, updates } = readFuluRecording('Test_MultiPeriodClientUpdateToCosmos');
  const seeds: Seed[] = [];
  let before = store;
  for (const { consensus_update: recorded } of updates) {
    const json = toBeaconApi(recorded);
    seeds.push(await updateSeed(before, json, config));
    before = follow(before, parseUpdate(json, config), config);
  }
  return seeds;
}

function finalitySeed(stores: readonly LightClientStore[]): Promise<Seed> {
  const store = stores.at(-1) ?? startMainnet(mainnetCapella.bootstrap());
  return verifierSeed([jsonBytes(mainnetCapella.finality())], (input) =>
    stated(follow(store, parseFinalityUpdate(readJson(input), MAINNET_CAPELLA), MAINNET_CAPELLA)),
  );
}

const block = (): Json => readVectorJson('ethereum/execution/block.json');
const proof = (): Json => readVectorJson('ethereum/execution/proof.json');

function headerSeed(): Promise<Seed> {
  const { hash } = block();
  const proven = { slot: 269568 * 32, config: MAINNET_CAPELLA };
  return verifierSeed([executionHeaderRlp(block())], (input) =>
    inspect(verifyExecutionHeader(only(input), hash, proven)),
  );
}

function accountSeeds(): Promise<Seed[]> {
  const { stateRoot } = block();
  const { address, accountProof } = proof();
  const seed = verifierSeed(nodes(accountProof), (input) =>
    inspect(verifyAccountProof(stateRoot, address, input)),
  );
  return Promise.all([seed]);
}

function storageSeeds(): Promise<Seed[]> {
  const { storageHash, storageProof } = proof();
  const [{ key, proof: path }] = storageProof;
  const { proofs } = readFuluRecording('Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack');
  const word = (hex: string) => `0x${hex.slice(2).padStart(64, '0')}` as const;
  return Promise.all([
    verifierSeed(nodes(path), (input) => verifyStorageProof(storageHash, key, input)),
    ...proofs.map(({ account_proof: account, storage_proof: slot }) =>
      verifierSeed(nodes(slot.proof), (input) =>
        verifyStorageProof(account.storage_root, word(slot.key), input),
      ),
    ),
  ]);
}

function storeSeed(store: LightClientStore): Seed {
  return codecSeed(encodeLightClientStore(store), (bytes) =>
    encodeLightClientStore(decodeLightClientStore(bytes, MAINNET_CAPELLA)),
  );
}

function rlpSeeds(): Seed[] {
  const nested = Array.from({ length: 15 }).reduce<Uint8Array>(
    (inner) => encodeRlp([decodeRlp(inner), encodeRlpInteger(300n)]),
    encodeRlp([]),
  );
  const [account] = nodes(proof().accountProof);
  return [executionHeaderRlp(block()), nested, ...(account ? [account] : [])].map((bytes) =>
    codecSeed(bytes, (given) => encodeRlp(decodeRlp(given))),
  );
}

/** A value as text, bigint and all. */
function inspect(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? `${member}n` : member,
  );
}
