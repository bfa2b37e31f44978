import { encodeRlp, toBeArray } from 'ethers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import { applyLightClientUpdate } from '../../src/light-client/ethereum/apply-light-client-update.ts';
import {
  type EthereumConfig,
  ethereumConfigSchema,
} from '../../src/light-client/ethereum/config.ts';
import { initializeLightClientStore } from '../../src/light-client/ethereum/initialize-light-client-store.ts';
import { parseBootstrap } from '../../src/light-client/ethereum/parse-bootstrap.ts';
import { parseFinalityUpdate, parseUpdate } from '../../src/light-client/ethereum/parse-update.ts';
import type { LightClientStore } from '../../src/light-client/ethereum/types.ts';
import { verifyAccountProof } from '../../src/light-client/ethereum/verify-account-proof.ts';
import { verifyExecutionHeader } from '../../src/light-client/ethereum/verify-execution-header.ts';
import { verifyLightClientUpdate } from '../../src/light-client/ethereum/verify-light-client-update.ts';
import { verifyStorageProof } from '../../src/light-client/ethereum/verify-storage-proof.ts';
import { fromHex, type Hex } from '../../src/shared/bytes.ts';
import { callRpc, getJson, headerFields, postJson, waitFor } from './ethereum-devnet-support.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SLOTS_PER_PERIOD = 64;
const SLOT_ZERO: Hex = `0x${'00'.repeat(32)}`;
/** Init code that stores 42 at slot 0 and leaves no code. */
const STORE_42 = '0x602a60005500';
const LIGHT_CLIENT = '/eth/v1/beacon/light_client';

let devnet: EthereumDevnet;
let config: EthereumConfig;
let store: LightClientStore;

const get = (path: string) => getJson(`${devnet.beaconUrl}${path}`).then(({ json }) => json);

beforeAll(async () => {
  devnet = await startEthereumDevnet({ slotMs: 60, startSlot: 45 });
  const { data } = await get('/eth/v1/beacon/headers/finalized');
  config = ethereumConfigSchema.parse({
    preset: 'minimal',
    genesisValidatorsRoot: devnet.genesis.genesisValidatorsRoot,
    forks: devnet.forks,
    checkpointRoot: data.root,
  });
  const bootstrap = await get(`${LIGHT_CLIENT}/bootstrap/${data.root}`);
  store = initializeLightClientStore(config, parseBootstrap(bootstrap, config));
});
afterAll(async () => {
  await devnet?.close();
});

/** Takes the period's update and then finality updates, as a relayer does, until `isDone`. */
async function follow(isDone: () => boolean): Promise<void> {
  await waitFor(async () => {
    await learnNextCommittee();
    const update = parseFinalityUpdate(await get(`${LIGHT_CLIENT}/finality_update`), config);
    const isNews =
      update.attestedHeader.beacon.slot > store.finalizedHeader.beacon.slot &&
      update.finalizedHeader.beacon.slot > store.finalizedHeader.beacon.slot;
    if (isNews)
      store = applyLightClientUpdate(store, verifyLightClientUpdate(store, update, config));
    return isDone() || undefined;
  });
}

async function learnNextCommittee(): Promise<void> {
  if (store.nextSyncCommittee !== undefined) return;
  const period = storePeriod();
  const [json] = await get(`${LIGHT_CLIENT}/updates?start_period=${period}&count=1`);
  if (json === undefined) return;
  const update = parseUpdate(json, config);
  store = applyLightClientUpdate(store, verifyLightClientUpdate(store, update, config));
}

function storePeriod(): number {
  return Math.floor(store.finalizedHeader.beacon.slot / SLOTS_PER_PERIOD);
}

describe("the project's light client on the devnet", () => {
  it('follows the beacon from its checkpoint over two hand-overs', async () => {
    const first = { committee: store.currentSyncCommittee, period: storePeriod() };
    for (const period of [first.period + 1, first.period + 2]) {
      await follow(() => storePeriod() === period);
    }
    expect(store.currentSyncCommittee.aggregatePubkey).not.toEqual(first.committee.aggregatePubkey);
  });

  it('proves a word of a contract under a finalized execution header', async () => {
    const deployment = { from: devnet.devAccounts[0]?.address, data: STORE_42 };
    const txHash = await callRpc(devnet.rpcUrl, 'eth_sendTransaction', [deployment]);
    const receipt = await waitFor(
      async () =>
        (await callRpc(devnet.rpcUrl, 'eth_getTransactionReceipt', [txHash])) ?? undefined,
    );
    const mined = BigInt(receipt.blockNumber);
    await follow(() => (store.finalizedHeader.execution.stated?.blockNumber ?? 0n) >= mined);

    const { beacon, execution } = store.finalizedHeader;
    const { blockHash } = execution;
    const block = await callRpc(devnet.rpcUrl, 'eth_getBlockByHash', [blockHash, false]);
    const proven = { slot: beacon.slot, config };
    const header = verifyExecutionHeader(
      fromHex(encodeRlp(headerFields(block))),
      blockHash,
      proven,
    );
    const at = `0x${header.number.toString(16)}`;
    expect(header.number).toBe(execution.stated?.blockNumber);
    const contract: Hex = receipt.contractAddress;
    const proof = await callRpc(devnet.rpcUrl, 'eth_getProof', [contract, [SLOT_ZERO], at]);
    const nodes = (list: string[]) => list.map((node) => fromHex(node));
    const account = verifyAccountProof(header.stateRoot, contract, nodes(proof.accountProof));
    const word = verifyStorageProof(
      account!.storageRoot,
      SLOT_ZERO,
      nodes(proof.storageProof[0].proof),
    );
    expect(fromHex(word)).toEqual(fromHex(encodeWord(42)));
  });

  it('refuses the signatures of another network', async () => {
    const other = { ...config, genesisValidatorsRoot: SLOT_ZERO };
    await follow(() => store.nextSyncCommittee !== undefined);
    const update = await waitFor(async () => {
      const latest = parseFinalityUpdate(await get(`${LIGHT_CLIENT}/finality_update`), config);
      const isNews = latest.finalizedHeader.beacon.slot > store.finalizedHeader.beacon.slot;
      return isNews ? latest : undefined;
    });
    expect(() => verifyLightClientUpdate(store, update, other)).toThrow(
      expect.objectContaining({ code: 'ETHEREUM_SIGNATURE_INVALID' }),
    );
  });

  it('refuses an update that eleven of 32 members did not sign', async () => {
    await postJson(`${devnet.beaconUrl}/devnet/participation`, { absentees: 11 });
    const slot = (await get('/devnet/status')).data.slot;
    const update = await waitFor(async () => {
      const latest = parseFinalityUpdate(await get(`${LIGHT_CLIENT}/finality_update`), config);
      return latest.signatureSlot > slot ? latest : undefined;
    });
    expect(() => verifyLightClientUpdate(store, update, config)).toThrow(
      expect.objectContaining({ code: 'ETHEREUM_PARTICIPATION_TOO_LOW' }),
    );
  });
});

function encodeWord(value: number): string {
  return `0x${Buffer.from(toBeArray(value)).toString('hex').padStart(64, '0')}`;
}
