import { aggregatePublicKeys, PublicKey } from '@chainsafe/blst';
import { verifyMerkleProof } from '@ethereumjs/mpt';
import { ssz } from '@lodestar/types';
import { encodeRlp, keccak256 } from 'ethers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import {
  callRpc,
  expectBranch,
  expectFinality,
  expectHeader,
  fetchFinalityUpdate,
  fetchFinalizedBootstrap,
  fetchUpdates,
  getJson,
  headerFields,
  hex,
  isSignedBy,
  participantsOf,
  SLOTS_PER_PERIOD,
  waitFor,
} from './ethereum-devnet-support.ts';

vi.hoisted(() => {
  // The SSZ types take their preset from here when they load.
  process.env['LODESTAR_PRESET'] = 'minimal';
});
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SLOT_MS = 50;
let devnet: EthereumDevnet;

beforeAll(async () => {
  devnet = await startEthereumDevnet({ slotMs: SLOT_MS, startSlot: 50 });
});
afterAll(async () => {
  await devnet?.close();
});

const get = (path: string) => getJson(`${devnet.beaconUrl}${path}`);

/** Polls until the beacon finalizes a block that `isWanted`. */
function waitForFinality(isWanted: (slot: number, block: number) => boolean) {
  return waitFor(async () => {
    const update = await fetchFinalityUpdate(devnet.beaconUrl);
    const { beacon, execution } = update.finalizedHeader;
    return isWanted(beacon.slot, execution.blockNumber) ? update : undefined;
  });
}

describe('the dev beacon as a light-client server', () => {
  it('serves a bootstrap whose header has the asked root and whose branches hold', async () => {
    const { root, bootstrap } = await fetchFinalizedBootstrap(devnet.beaconUrl);
    const { header, currentSyncCommittee, currentSyncCommitteeBranch } = bootstrap;
    expect(hex(ssz.phase0.BeaconBlockHeader.hashTreeRoot(header.beacon))).toBe(root);
    expect(header.beacon.slot % 8).toBe(0);
    expectHeader(header);
    expectBranch(
      ssz.altair.SyncCommittee.hashTreeRoot(currentSyncCommittee),
      currentSyncCommitteeBranch,
      { gindex: 86, root: header.beacon.stateRoot },
    );
    const keys = currentSyncCommittee.pubkeys.map((key) => PublicKey.fromBytes(key, true));
    expect(hex(aggregatePublicKeys(keys).toBytes())).toBe(
      hex(currentSyncCommittee.aggregatePubkey),
    );
  });

  it('signs finality updates with the current committee over two hand-overs', async () => {
    const { bootstrap } = await fetchFinalizedBootstrap(devnet.beaconUrl);
    let committee = bootstrap.currentSyncCommittee;
    let period = Math.floor(bootstrap.header.beacon.slot / SLOTS_PER_PERIOD);
    for (const last = period + 2; period < last; period++) {
      const update = await waitFor(
        async () => (await fetchUpdates(devnet.beaconUrl, period, 1))[0],
      );
      expectFinality(update);
      const { beacon } = update.attestedHeader;
      const slots = [beacon.slot, update.finalizedHeader.beacon.slot, update.signatureSlot];
      expect(slots.map((slot) => Math.floor(slot / SLOTS_PER_PERIOD))).toEqual([
        period,
        period,
        period,
      ]);
      expect(isSignedBy(update, committee, devnet)).toBe(true);
      expect(participantsOf(update)).toBe(30);
      const next = update.nextSyncCommittee;
      expectBranch(ssz.altair.SyncCommittee.hashTreeRoot(next), update.nextSyncCommitteeBranch, {
        gindex: 87,
        root: beacon.stateRoot,
      });
      const firstOfNext = (period + 1) * SLOTS_PER_PERIOD;
      const later = await waitForFinality((slot) => slot >= firstOfNext);
      expectFinality(later);
      expect(isSignedBy(later, next, devnet)).toBe(true);
      expect(isSignedBy(later, committee, devnet)).toBe(false);
      committee = next;
    }
  });

  it('signs the head it attests at once', async () => {
    const { json, headers } = await get('/eth/v1/beacon/light_client/optimistic_update');
    expect(json.version).toBe('fulu');
    expect(headers.get('eth-consensus-version')).toBe('fulu');
    const update = ssz.fulu.LightClientOptimisticUpdate.fromJson(json.data);
    expectHeader(update.attestedHeader);
    expect(update.signatureSlot).toBe(update.attestedHeader.beacon.slot + 1);
  });

  it('finalizes the epoch two before the current one', async () => {
    const { json } = await get('/eth/v1/beacon/states/head/finality_checkpoints');
    const { data } = await get('/eth/v1/beacon/headers/head').then((answer) => answer.json);
    const epoch = Math.floor(Number(data.header.message.slot) / 8);
    const epochs = [json.data.current_justified.epoch, json.data.finalized.epoch].map(Number);
    expect([epoch - 1, epoch - 2, epoch]).toContain(epochs[0]);
    expect(epochs[1]).toBe(Number(epochs[0]) - 1);
    const finalized = await get(`/eth/v1/beacon/headers/${json.data.finalized.root}`);
    expect(finalized.json.finalized).toBe(true);
    expect(Number(finalized.json.data.header.message.slot)).toBe(Number(epochs[1]) * 8);
  });

  it('links every header to its parent back to genesis', async () => {
    let { data } = (await get('/eth/v1/beacon/headers/40')).json;
    for (let slot = 40; slot > 0; slot--) {
      const message = ssz.phase0.BeaconBlockHeader.fromJson(data.header.message);
      expect(message.slot).toBe(slot);
      expect(hex(ssz.phase0.BeaconBlockHeader.hashTreeRoot(message))).toBe(data.root);
      data = (await get(`/eth/v1/beacon/headers/${hex(message.parentRoot)}`)).json.data;
    }
    expect(data.header.message.slot).toBe('0');
    expect((await get('/eth/v1/beacon/headers/genesis')).json.data.root).toBe(data.root);
  });
});

describe('the execution chain under it', () => {
  it('hashes the 21 fields of its header to the finalized block hash', async () => {
    const { execution } = (await waitForFinality((_, block) => block > 0)).finalizedHeader;
    const number = `0x${execution.blockNumber.toString(16)}`;
    const block = await callRpc(devnet.rpcUrl, 'eth_getBlockByNumber', [number, false]);
    const fields = headerFields(block);
    expect(fields).toHaveLength(21);
    expect(keccak256(encodeRlp(fields))).toBe(hex(execution.blockHash));
    expect(hex(execution.stateRoot)).toBe(block.stateRoot);
  });

  it('mines a transfer, commits to its bytes, and proves the balance at the finalized block', async () => {
    const [from] = devnet.devAccounts;
    const to = '0x00000000000000000000000000000000000000ad';
    const transfer = { from: from?.address, to, value: '0x7b' };
    const txHash = await callRpc(devnet.rpcUrl, 'eth_sendTransaction', [transfer]);
    const receipt = await waitFor(
      async () =>
        (await callRpc(devnet.rpcUrl, 'eth_getTransactionReceipt', [txHash])) ?? undefined,
    );
    const mined = Number(receipt.blockNumber);
    const { execution } = (await waitForFinality((_, block) => block >= mined)).finalizedHeader;
    const header = await findHeader(mined);
    const raw = await callRpc(devnet.rpcUrl, 'eth_getRawTransactionByHash', [txHash]);
    const list = [Buffer.from(raw.slice(2), 'hex')];
    expect(hex(ssz.bellatrix.Transactions.hashTreeRoot(list))).toBe(header.transactions_root);

    const at = `0x${execution.blockNumber.toString(16)}`;
    const proof = await callRpc(devnet.rpcUrl, 'eth_getProof', [to, [], at]);
    const nodes = proof.accountProof.map((node: string) => Buffer.from(node.slice(2), 'hex'));
    expect(keccak256(nodes[0])).toBe(hex(execution.stateRoot));
    const key = Buffer.from(to.slice(2), 'hex');
    const account = await verifyMerkleProof(key, nodes, { useKeyHashing: true });
    const expected = encodeRlp(['0x', '0x7b', proof.storageHash, proof.codeHash]);
    expect(hex(account!)).toBe(expected);
  });

  it('keeps timestamps a whole second a slot', async () => {
    const { beacon, execution } = (await fetchFinalityUpdate(devnet.beaconUrl)).finalizedHeader;
    expect(execution.timestamp).toBe(devnet.genesis.genesisTimeSec + beacon.slot);
  });
});

async function findHeader(blockNumber: number): Promise<{ transactions_root: string }> {
  // No slot was missed, so that block n is in slot n, and slot n is attested once.
  return waitFor(async () => {
    const { json } = await get(`/eth/v1/beacon/headers/${blockNumber}`);
    const bootstrap = await get(`/eth/v1/beacon/light_client/bootstrap/${json.data.root}`);
    return bootstrap.status === 200 ? bootstrap.json.data.header.execution : undefined;
  });
}

describe('the rest of the Beacon API', () => {
  it('tells its genesis, configuration and health', async () => {
    const genesis = (await get('/eth/v1/beacon/genesis')).json.data;
    expect(genesis).toEqual({
      genesis_time: String(devnet.genesis.genesisTimeSec),
      genesis_validators_root: devnet.genesis.genesisValidatorsRoot,
      genesis_fork_version: '0x00565344',
    });
    const spec = (await get('/eth/v1/config/spec')).json.data;
    expect(spec).toMatchObject({
      PRESET_BASE: 'minimal',
      SLOTS_PER_EPOCH: '8',
      SYNC_COMMITTEE_SIZE: '32',
      SLOT_DURATION_MS: String(SLOT_MS),
      FULU_FORK_VERSION: '0x06565344',
      FULU_FORK_EPOCH: '0',
    });
    expect((await get('/eth/v1/config/fork_schedule')).json.data).toHaveLength(7);
    expect((await get('/eth/v1/node/health')).status).toBe(200);
    expect((await get('/eth/v1/node/syncing')).json.data.is_syncing).toBe(false);
    expect((await get('/eth/v1/node/version')).json.data.version).toMatch(/^veilspan-dev-beacon\//);
  });

  it('finds a header by its parent and by its slot', async () => {
    const bySlot = (await get('/eth/v1/beacon/headers?slot=7')).json.data;
    expect(bySlot).toHaveLength(1);
    const parent = bySlot[0].header.message.parent_root;
    expect((await get(`/eth/v1/beacon/headers?parent_root=${parent}`)).json.data).toEqual(bySlot);
    const other = await get(`/eth/v1/beacon/headers?parent_root=${parent}&slot=9`);
    expect(other.json.data).toEqual([]);
  });

  it.each([
    ['/eth/v1/beacon/light_client/updates?start_period=x&count=1', 400],
    ['/eth/v1/beacon/light_client/updates?start_period=0', 400],
    ['/eth/v1/beacon/light_client/updates?start_period=0&count=0', 400],
    ['/eth/v1/beacon/light_client/bootstrap/0x12', 400],
    [`/eth/v1/beacon/light_client/bootstrap/0x${'00'.repeat(32)}`, 404],
    ['/eth/v1/beacon/headers/tail', 400],
    ['/eth/v1/beacon/headers/4000000', 404],
    ['/eth/v1/beacon/headers?parent_root=0x', 400],
    ['/eth/v1/beacon/states/0/finality_checkpoints/more', 404],
    ['/devnet/finality', 405],
  ])('refuses %s with %i and says why', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ code: status, message: expect.stringMatching(/\w+ \w+/) });
  });

  it('bounds the updates of one answer', async () => {
    const updates = await get('/eth/v1/beacon/light_client/updates?start_period=0&count=999999999');
    expect(updates.status).toBe(200);
    expect(updates.json.length).toBeLessThanOrEqual(128);
  });
});
