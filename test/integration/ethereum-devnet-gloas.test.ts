import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import { type BeaconApi, createBeaconApi } from '../../src/chains/ethereum/beacon-api.ts';
import { createEthereumFinality } from '../../src/chains/ethereum/finality-source.ts';
import type { FinalitySource, FinalityStep } from '../../src/chains/shared/finality-source.ts';
import {
  type EthereumConfig,
  ethereumConfigSchema,
} from '../../src/light-client/ethereum/config.ts';
import { ethereumLightClient } from '../../src/light-client/ethereum/light-client.ts';
import type { LightClientStore } from '../../src/light-client/ethereum/types.ts';
import type { LightClientStatus } from '../../src/protocol/enclave-commands.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { callRpc, getJson, postJson, waitFor } from './ethereum-devnet-support.ts';

const GLOAS_EPOCH = 6;
const FORK_SLOT = 8 * GLOAS_EPOCH;
/** Past the fork: what is final then is older than it. */
const START_SLOT = FORK_SLOT + 2;
/** Starts an epoch of Fulu. */
const CHECKPOINT_SLOT = 24;

type Status = Extract<LightClientStatus, { kind: 'ethereum' }>;

let devnet: EthereumDevnet;
let beacon: BeaconApi;
let finality: FinalitySource;

beforeAll(async () => {
  const timing = { slotMs: 500, startSlot: START_SLOT };
  devnet = await startEthereumDevnet({ ...timing, gloasEpoch: GLOAS_EPOCH });
  // Nothing newer becomes final until a test wants it.
  await postJson(`${devnet.beaconUrl}/devnet/finality`, { held: true });
  beacon = createBeaconApi('ethereum', devnet.beaconUrl);
  finality = createEthereumFinality('ethereum', beacon);
});
afterAll(async () => {
  await finality?.close();
  await devnet?.close();
});

async function configAt(block: number | 'finalized'): Promise<EthereumConfig> {
  const { json } = await getJson(`${devnet.beaconUrl}/eth/v1/beacon/headers/${block}`);
  return ethereumConfigSchema.parse({
    preset: 'minimal',
    genesisValidatorsRoot: devnet.genesis.genesisValidatorsRoot,
    forks: devnet.forks,
    checkpointRoot: json.data.root,
  });
}

/** A light client that takes what the relayer's source gives it, as in an enclave. */
class Client {
  readonly config: EthereumConfig;
  store: LightClientStore | null = null;

  constructor(config: EthereumConfig) {
    this.config = config;
  }

  get status(): Status {
    const status = ethereumLightClient.describe('ethereum', this.store, this.config);
    if (status.kind !== 'ethereum') throw new Error(`a status of ${status.kind}`);
    return status;
  }

  async follow(): Promise<Status> {
    const steps = finality.follow(this.status);
    for (let step = await steps.next(); !step.done; step = await steps.next(this.status)) {
      this.#take(step.value);
    }
    return this.status;
  }

  #take(step: FinalityStep): void {
    const { bootstrap, parse, verify, apply } = ethereumLightClient;
    if (step.command === 'bootstrap') {
      this.store = bootstrap?.(step.params.bootstrap, this.config) ?? null;
      return;
    }
    for (const json of step.params.updates) {
      if (this.store === null) throw new Error('an update before the bootstrap');
      const update = parse(json, this.config);
      this.store = apply(this.store, verify(this.store, update, this.config));
    }
  }
}

let client: Client;

it('the beacon names the fork in its table, its state and its answers', async () => {
  const get = (path: string) => getJson(`${devnet.beaconUrl}/eth/v1/${path}`);
  const row = { current_version: devnet.forks.at(-1)?.version, epoch: `${GLOAS_EPOCH}` };
  expect((await get('config/fork_schedule')).json.data.at(-1)).toMatchObject(row);
  expect((await get('beacon/states/head/fork')).json.data).toMatchObject(row);
  expect((await get('config/spec')).json.data.GLOAS_FORK_EPOCH).toBe(`${GLOAS_EPOCH}`);
  const { json, headers } = await get('beacon/light_client/finality_update');
  expect([json.version, headers.get('eth-consensus-version')]).toEqual(['gloas', 'gloas']);
});

it('an update of Gloas makes a block of Fulu final', async () => {
  client = new Client(await configAt(CHECKPOINT_SLOT));
  const newest = await beacon.finalityUpdate();
  expect(newest?.attestedSlot).toBeGreaterThanOrEqual(FORK_SLOT);
  const status = await client.follow();
  expect(Number(status.finalizedSlot)).toBeGreaterThan(CHECKPOINT_SLOT);
  expect(Number(status.finalizedSlot)).toBeLessThan(FORK_SLOT);
  await expectBlock(status.held);
});

it('the same client follows over the fork and over the hand-over after it', async () => {
  await postJson(`${devnet.beaconUrl}/devnet/finality`, { held: false });
  const before = client.status;
  await waitFor(async () => Number((await client.follow()).finalizedSlot) > FORK_SLOT || undefined);
  await expectBlock(client.status.held);
  await waitFor(async () => (await client.follow()).committee > before.committee || undefined);
  await waitFor(async () => (await client.follow()).knowsNextSyncCommittee || undefined);
  await expectBlock(client.status.held);
});

it('another client starts from a block of Gloas', async () => {
  const late = new Client(await configAt('finalized'));
  const status = await late.follow();
  expect(Number(status.finalizedSlot)).toBeGreaterThan(FORK_SLOT);
  expect(late.config.checkpointRoot).not.toBe(client.config.checkpointRoot);
  await expectBlock(status.held);
});

/** What the client holds is a block that anvil made. */
async function expectBlock(hash: Hex | null): Promise<void> {
  const block = await callRpc(devnet.rpcUrl, 'eth_getBlockByHash', [hash, false]);
  expect(block?.hash).toBe(hash);
}
