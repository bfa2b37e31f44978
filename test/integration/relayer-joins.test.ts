import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { attendRelayer } from '../../src/cli/attend-relayer.ts';
import { relayerConfigSchema } from '../../src/config/relayer.ts';
import type { Bridge } from '../../src/relayer/bridge.ts';
import { runRelayer } from '../../src/relayer/main.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { startLyingNode } from '../support/lying-node.ts';
import { startManualChain } from '../support/polkadot-devnet.ts';

// Real chains, of which one is away when the relayer starts; it is the anchor's. No enclave answers.

const POLKADOT_ID = 420420499;
/** Nothing of the bridge is on these chains: what is awaited is that the lanes follow them. */
const NOT_YET = 1_000_000;
const POLL = { timeout: 600_000, interval: 50 };
const FOLLOWING = { failures: 0, sinceDoneMs: expect.any(Number) };
const ADDRESS = `0x${'aa'.repeat(20)}`;

describe('a relayer that starts while a chain is away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-joins-'));
  let ethereum: EthereumDevnet;
  let polkadot: PolkadotDevnet;
  let wire: FaultProxy;
  let beaconWire: FaultProxy;
  const ending: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    [ethereum, polkadot] = await Promise.all([
      startEthereumDevnet({ slotMs: 250 }),
      startManualChain(),
    ]);
    wire = await startFaultProxy(placeOf(polkadot.wsUrl));
    beaconWire = await startFaultProxy(placeOf(ethereum.beaconUrl));
  });
  afterEach(async () => {
    for (const end of ending.splice(0)) await end();
  });
  afterAll(async () => {
    await wire.close();
    await beaconWire.close();
    await Promise.all([ethereum.close(), polkadot.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** A relayer between the two chains, and what it says at `/ready`. */
  const start = async (ethereumUrl: string = ethereum.rpcUrl) => {
    const node = `ws://${wire.address}`;
    const rest = { gateway: ADDRESS, route: 'direct', lagSec: 6, fromBlock: NOT_YET };
    const config = relayerConfigSchema.parse({
      lightClients: [
        { id: 'beacon', kind: 'ethereum', url: `http://${beaconWire.address}` },
        { id: 'grandpa', kind: 'substrate', url: node },
      ],
      chains: [
        {
          ...rest,
          ...{ name: 'ethereum', kind: 'ethereum', chainId: ethereum.chainId },
          ...{ url: ethereumUrl, lightClient: 'beacon', signer: `0x${'11'.repeat(32)}` },
        },
        {
          ...rest,
          ...{ name: 'polkadot', kind: 'substrate', chainId: POLKADOT_ID },
          ...{ url: node, lightClient: 'grandpa', signer: '//Bob' },
        },
      ],
      anchor: { chainId: POLKADOT_ID, address: ADDRESS },
      rounds: { startSec: 1_790_000_000, roundSec: 4 },
      beneficiary: `0x${'5b'.repeat(32)}`,
      enclaves: [join(folder, 'nobody.sock')],
      journal: { folder: join(folder, 'journal') },
      pollMs: 50,
      status: { listen: '127.0.0.1:0' },
      logLevel: 'silent',
    });
    const stopping = new AbortController();
    const attended = Promise.withResolvers<Attended>();
    const ended = runRelayer(config, stopping.signal, async ({ bridge, probe }) => {
      const log = { info: ({ url }: { url: string }) => attended.resolve({ bridge, url }) };
      return await attendRelayer(config, { bridge: { ...bridge, log: log as never }, probe });
    });
    ended.catch(attended.reject);
    ending.push(async () => {
      stopping.abort();
      await ended.catch(() => undefined);
    });
    const { bridge, url } = await attended.promise;
    const lane = (name: string) => bridge.vitals.lanes().find((one) => one.name === name);
    const failing = async () => {
      const { failing: all } = (await (await fetch(`${url}/ready`)).json()) as Ready;
      return all.map(({ check, what }) => `${check}: ${what}`);
    };
    return { ended, lane, failing };
  };

  it('follows the others, says which it cannot follow, and follows that too once its node is there', async () => {
    await wire.set('refuse');
    const { lane, failing } = await start();
    await expect
      .poll(() => lane('watch polkadot'), POLL)
      .toMatchObject({ state: 'failing', failedWith: 'CHAIN_UNAVAILABLE' });
    await expect.poll(() => lane('watch ethereum'), POLL).toMatchObject(FOLLOWING);
    await expect.poll(failing, POLL).toContain('chain polkadot: no node answers');
    expect((await failing()).join()).not.toContain('ethereum');
    await wire.set('pass');
    await expect.poll(() => lane('watch polkadot'), POLL).toMatchObject(FOLLOWING);
    await expect.poll(failing, POLL).not.toContain('chain polkadot: no node answers');
  });

  it('follows a chain too whose finality nobody told of at the start', async () => {
    await beaconWire.set('blackhole');
    beaconWire.cut();
    const { lane } = await start();
    await expect.poll(() => lane('watch polkadot'), POLL).toMatchObject(FOLLOWING);
    expect(lane('watch ethereum')?.sinceDoneMs).toBeUndefined();
    await beaconWire.set('pass');
    beaconWire.cut();
    await expect.poll(() => lane('watch ethereum'), POLL).toMatchObject(FOLLOWING);
  });

  it('ends when the node that joins at last is of another chain', async () => {
    const foreign = await startLyingNode({ answer: () => ({ result: '0x5' }) });
    const foreignWire = await startFaultProxy(placeOf(foreign.url));
    ending.push(foreignWire.close, foreign.stop);
    await foreignWire.set('refuse');
    const { ended, lane } = await start(`http://${foreignWire.address}`);
    await expect.poll(() => lane('watch ethereum')?.failedWith, POLL).toBe('CHAIN_UNAVAILABLE');
    await foreignWire.set('pass');
    await expect(ended).rejects.toMatchObject({
      code: 'CHAIN_MISMATCH',
      meta: { chain: 'ethereum', what: expect.stringContaining('got 5') },
    });
  });
});

interface Attended {
  readonly bridge: Bridge;
  readonly url: string;
}

interface Ready {
  readonly failing: readonly { readonly check: string; readonly what: string }[];
}

function placeOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
