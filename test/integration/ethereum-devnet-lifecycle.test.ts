import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { startAnvil } from '../../devnet/ethereum/anvil.ts';
import { startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import { startBeacon } from '../../devnet/ethereum/start-beacon.ts';
import { callRpc, getJson, waitFor } from './ethereum-devnet-support.ts';

vi.setConfig({ testTimeout: 30_000 });

const DEVNET = new URL('../../devnet/ethereum/ethereum-devnet.ts', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OWNER = `
  const { startEthereumDevnet } = await import(${JSON.stringify(DEVNET)});
  const { rpcUrl, beaconUrl } = await startEthereumDevnet({ slotMs: 200 });
  console.log(JSON.stringify([rpcUrl, beaconUrl]));`;

async function isAnswering(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    () => true,
    () => false,
  );
}

async function waitUntilSilent(url: string): Promise<void> {
  await waitFor(async () => ((await isAnswering(url)) ? undefined : true), 60_000);
}

describe("the devnet's processes", () => {
  it('end with a parent that is killed', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: owner.stdout }), 'line');
    const urls: string[] = JSON.parse(line);
    for (const url of urls) expect(await isAnswering(url)).toBe(true);
    owner.kill('SIGKILL');
    for (const url of urls) await waitUntilSilent(url);
  });

  it('end when they are closed, and closing twice is harmless', async () => {
    const devnet = await startEthereumDevnet({ slotMs: 200 });
    await devnet.close();
    await devnet.close();
    expect(await isAnswering(devnet.rpcUrl)).toBe(false);
    expect(await isAnswering(devnet.beaconUrl)).toBe(false);
  });

  it('run beside another devnet', async () => {
    const devnets = await Promise.all([startEthereumDevnet(), startEthereumDevnet()]);
    expect(new Set(devnets.flatMap(({ rpcUrl, beaconUrl }) => [rpcUrl, beaconUrl])).size).toBe(4);
    await Promise.all(devnets.map((devnet) => devnet.close()));
  });
});

describe('a devnet on every interface', () => {
  it('is reached through the loopback one from here', async () => {
    const devnet = await startEthereumDevnet({ host: '0.0.0.0' });
    for (const url of [devnet.rpcUrl, devnet.beaconUrl]) {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
      expect(await isAnswering(url)).toBe(true);
      expect(await isAnswering(url.replace('127.0.0.1', '127.0.0.2'))).toBe(true);
    }
    await devnet.close();
  });
});

describe('startAnvil', () => {
  it('makes no block of its own and funds the known accounts', async () => {
    const anvil = await startAnvil({ chainId: 4242, genesisTimeSec: 1_700_000_000 });
    expect(anvil.devAccounts).toHaveLength(10);
    const [account] = anvil.devAccounts;
    expect(account).toEqual({
      address: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
      privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
    });
    expect(await callRpc(anvil.rpcUrl, 'eth_chainId', [])).toBe('0x1092');
    const balance = await callRpc(anvil.rpcUrl, 'eth_getBalance', [account?.address, 'latest']);
    expect(BigInt(balance)).toBe(10_000n * 10n ** 18n);
    await callRpc(anvil.rpcUrl, 'eth_sendTransaction', [{ from: account?.address, value: '0x1' }]);
    const block = await callRpc(anvil.rpcUrl, 'eth_getBlockByNumber', ['latest', false]);
    expect([block.number, Number(block.timestamp)]).toEqual(['0x0', 1_700_000_000]);
    await anvil.close();
  });

  it('reports a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(startAnvil({ port })).rejects.toMatchObject({
      code: 'DEVNET_ANVIL_START',
      meta: { port },
    });
    server.close();
  });
});

describe('startBeacon', () => {
  it('reports a beacon that ends before it serves', async () => {
    const settings = {
      rpcUrl: 'http://127.0.0.1:3',
      host: '127.0.0.1',
      port: 0,
      genesisTimeSec: 0,
      slotMs: 1000,
    };
    await expect(startBeacon({ ...settings, startSlot: 0, absentees: 0 })).rejects.toMatchObject({
      code: 'DEVNET_BEACON_START',
      meta: { exitCode: 1 },
    });
  });

  it('ends by itself when its execution client is gone', async () => {
    const anvil = await startAnvil();
    const beacon = await startBeacon({
      rpcUrl: anvil.rpcUrl,
      host: '127.0.0.1',
      port: 0,
      genesisTimeSec: Math.floor(Date.now() / 1000),
      slotMs: 20,
      startSlot: 0,
      absentees: 0,
    });
    expect((await getJson(`${beacon.beaconUrl}/eth/v1/node/health`)).status).toBe(200);
    await anvil.close();
    await waitUntilSilent(beacon.beaconUrl);
    await beacon.close();
  });
});
