import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import { type BeaconApi, createBeaconApi } from '../../src/chains/ethereum/beacon-api.ts';

// A real beacon node, and one before it that does not tell all of it as it is.

const POLL = { interval: 50, timeout: 60_000 };
const MADE_UP = `0x${'ee'.repeat(32)}`;

interface Update {
  data: {
    finalized_header: { beacon: { slot: string }; execution: { block_hash: string } };
  };
}

describe('beacon nodes of which one lies', { timeout: 90_000 }, () => {
  let devnet: EthereumDevnet;
  let server: Server;
  let liarUrl: string;
  /** What it makes of the real node's answer; undefined is an outage. */
  let lie: (path: string, answer: unknown) => unknown;

  beforeAll(async () => {
    devnet = await startEthereumDevnet({ slotMs: 100, startSlot: 40 });
    const honest = createBeaconApi('ethereum', devnet.beaconUrl);
    await vi.waitUntil(() => honest.finalityUpdate(), POLL);
    server = createServer((request, response) => {
      const path = request.url ?? '';
      const answering = fetch(`${devnet.beaconUrl}${path}`).then(async (answer) => {
        const said = lie(path, await answer.json());
        response.writeHead(said === undefined ? 503 : answer.status);
        response.end(JSON.stringify(said ?? {}));
      });
      answering.catch(() => response.destroy());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    liarUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    lie = (_, answer) => answer;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await devnet.close();
  });

  const newestOf = async (beacon: BeaconApi) => (await beacon.finalityUpdate())?.finalizedBlockHash;
  const tellOfMore = () => {
    lie = (path, answer) => {
      if (!path.includes('finality_update')) return answer;
      const { data } = structuredClone(answer) as Update;
      data.finalized_header.beacon.slot = `${Number(data.finalized_header.beacon.slot) + 8}`;
      data.finalized_header.execution.block_hash = MADE_UP;
      return { data };
    };
  };

  it('are asked in the order in which they do well, and their questions are counted', async () => {
    const beacon = createBeaconApi('ethereum', liarUrl, devnet.beaconUrl);
    lie = () => undefined;
    expect(await beacon.lightClientUpdates(0, 1)).toHaveLength(1);
    const [down, up] = beacon.endpoints();
    expect(down).toMatchObject({ failures: 1, answers: 0 });
    expect(up).toMatchObject({ failures: 0, answers: 1, score: 1 });
    await beacon.lightClientUpdates(0, 1);
    expect(beacon.calls()).toEqual(new Map([['light_client/updates', 3]]));
  });

  it('are not believed what one was caught at, for a while', async () => {
    tellOfMore();
    const beacon = createBeaconApi('ethereum', liarUrl, devnet.beaconUrl);
    // Of two the one that has come further is believed, until an enclave has looked at it.
    expect(await newestOf(beacon)).toBe(MADE_UP);
    expect(beacon.distrust('an enclave has refused it')).toBe(new URL(liarUrl).host);
    expect(await newestOf(beacon)).not.toBe(MADE_UP);
    expect(await newestOf(beacon)).toBeDefined();
    expect(beacon.endpoints()).toMatchObject([{ lies: 1 }, { lies: 0 }]);
  });

  it('are believed what most of them say of the newest finality', async () => {
    tellOfMore();
    const urls = [liarUrl, devnet.beaconUrl, devnet.beaconUrl] as const;
    const beacon = createBeaconApi('ethereum', ...urls);
    for (let i = 0; i < 5; i++) expect(await newestOf(beacon)).not.toBe(MADE_UP);
  });

  it('are passed over for what they lack, and not called liars for it', async () => {
    lie = (path, answer) => (path.includes('/updates') ? [] : answer);
    const beacon = createBeaconApi('ethereum', liarUrl, devnet.beaconUrl);
    expect(await beacon.lightClientUpdates(0, 1)).toEqual([]);
    beacon.passOver();
    expect(await beacon.lightClientUpdates(0, 1)).toHaveLength(1);
    expect(beacon.endpoints()).toMatchObject([{ lies: 0, failures: 1 }, { lies: 0 }]);
  });
});
