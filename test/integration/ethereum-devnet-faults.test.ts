import { ssz } from '@lodestar/types';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import {
  callRpc,
  expectFinality,
  fetchFinalityUpdate,
  fetchUpdates,
  getJson,
  hex,
  participantsOf,
  postJson,
  waitFor,
} from './ethereum-devnet-support.ts';

vi.hoisted(() => {
  // The SSZ types take their preset from here when they load.
  process.env['LODESTAR_PRESET'] = 'minimal';
});
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let devnet: EthereumDevnet;

beforeAll(async () => {
  devnet = await startEthereumDevnet({ slotMs: 50, startSlot: 40, absentees: 3 });
});
afterAll(async () => {
  await devnet?.close();
});

const get = (path: string) => getJson(`${devnet.beaconUrl}${path}`);
const post = (path: string, body: unknown) => postJson(`${devnet.beaconUrl}${path}`, body);

async function headSlot(): Promise<number> {
  const { json } = await get('/eth/v1/beacon/headers/head');
  return Number(json.data.header.message.slot);
}

async function waitForSlot(slot: number): Promise<void> {
  await waitFor(async () => ((await headSlot()) >= slot ? true : undefined));
}

describe('a beacon with faults on demand', () => {
  it('finalizes nothing new while finality is held, and goes on when it is released', async () => {
    const held = await post('/devnet/finality', { held: true });
    expect(held.json.data.finality_held).toBe(true);
    await waitForSlot((await headSlot()) + 9);
    const before = await fetchFinalityUpdate(devnet.beaconUrl);
    await waitForSlot((await headSlot()) + 20);
    const after = await fetchFinalityUpdate(devnet.beaconUrl);
    expect(after.finalizedHeader.beacon.slot).toBe(before.finalizedHeader.beacon.slot);
    expect(after.attestedHeader.beacon.slot).toBeGreaterThan(before.attestedHeader.beacon.slot);
    expectFinality(after);

    await post('/devnet/finality', { held: false });
    const released = await waitFor(async () => {
      const update = await fetchFinalityUpdate(devnet.beaconUrl);
      const isNew = update.finalizedHeader.beacon.slot > after.finalizedHeader.beacon.slot;
      return isNew ? update : undefined;
    });
    expectFinality(released);
  });

  it('misses the slots it is told to, and its next block signs the last one before them', async () => {
    const { json } = await post('/devnet/slots', { skip: 9 });
    const firstMissed = Number(json.data.slot) + 1;
    const next = firstMissed + 9;
    await waitForSlot(next + 1);
    expect((await get(`/eth/v1/beacon/headers/${firstMissed}`)).status).toBe(404);
    const { data } = (await get(`/eth/v1/beacon/headers/${next}`)).json;
    const parent = (await get(`/eth/v1/beacon/headers/${firstMissed - 1}`)).json.data;
    expect(data.header.message.parent_root).toBe(parent.root);

    // Nine slots hold a whole epoch's start: its checkpoint is then the last block before it.
    const update = await waitFor(async () => {
      const latest = await fetchFinalityUpdate(devnet.beaconUrl);
      return latest.finalizedHeader.beacon.slot >= firstMissed - 1 ? latest : undefined;
    });
    expectFinality(update);
    expect(hex(ssz.phase0.BeaconBlockHeader.hashTreeRoot(update.finalizedHeader.beacon))).toBe(
      parent.root,
    );
  });

  it('signs with fewer members than the two thirds a client asks for', async () => {
    expect(participantsOf(await fetchFinalityUpdate(devnet.beaconUrl))).toBe(29);
    await post('/devnet/participation', { absentees: 11 });
    const weak = await waitFor(async () => {
      const update = await fetchFinalityUpdate(devnet.beaconUrl);
      return participantsOf(update) === 21 ? update : undefined;
    });
    expectFinality(weak);
    expect(participantsOf(weak) * 3).toBeLessThan(32 * 2);
  });

  it('prefers an update of two thirds over later and earlier ones below', async () => {
    const period = Math.floor((await headSlot()) / 64) + 1;
    const best = () => fetchUpdates(devnet.beaconUrl, period, 1).then((updates) => updates[0]);
    expect(participantsOf((await waitFor(best))!)).toBe(21);
    await post('/devnet/participation', { absentees: 5 });
    const isBetter = (update: Awaited<ReturnType<typeof best>>) =>
      update !== undefined && participantsOf(update) === 27 ? update : undefined;
    const better = await waitFor(async () => isBetter(await best()));
    await post('/devnet/participation', { absentees: 32 });
    await waitForSlot((await headSlot()) + 2);
    expect(await best()).toEqual(better);
  });

  it('goes on without a gap when somebody else mines a block of the future', async () => {
    const before = await headSlot();
    const latest = await callRpc(devnet.rpcUrl, 'eth_getBlockByNumber', ['latest', false]);
    const timestamp = Number(latest.timestamp) + 3600;
    await callRpc(devnet.rpcUrl, 'evm_mine', [{ timestamp }]);
    await waitForSlot(before + 5);
    for (let slot = before + 1; slot <= before + 5; slot++) {
      expect((await get(`/eth/v1/beacon/headers/${slot}`)).status).toBe(200);
    }
    const head = await callRpc(devnet.rpcUrl, 'eth_getBlockByNumber', ['latest', false]);
    expect(Number(head.timestamp)).toBeGreaterThan(timestamp);
  });

  it.each([
    ['/devnet/finality', { held: 'yes' }],
    ['/devnet/slots', { skip: -1 }],
    ['/devnet/participation', { absentees: 33 }],
    ['/devnet/participation', { absentees: 1, more: true }],
  ])('refuses a malformed request to %s', async (path, body) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(answer.json.code).toBe(400);
  });
});
