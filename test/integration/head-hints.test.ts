import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { type RunningAnvil, startAnvil } from '../../devnet/ethereum/anvil.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { createEthereumChain } from '../../src/chains/ethereum/ethereum-chain.ts';
import { createEthereumHeads, type EthereumHeads } from '../../src/chains/ethereum/heads.ts';
import { loadAdapter } from '../../src/chains/kinds.ts';
import { createRpcClient } from '../../src/chains/shared/json-rpc.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startManualChain } from '../support/polkadot-devnet.ts';

const CHAIN = { name: 'ethereum', chainId: 31337n } as const;
const OPTIONS = { ...CHAIN, pollMs: 20, route: 'direct' } as const;
/** A second of the line is this long here. */
const PATIENCE = { tickMs: 20, reconnectMs: 20 };
const POLL = { interval: 20, timeout: 30_000 };
const beacon = { finalityUpdate: async () => undefined };

describe('nodes that tell of new blocks', { timeout: 60_000 }, () => {
  let anvil: RunningAnvil;
  const ending: (() => unknown)[] = [];

  beforeAll(async () => {
    anvil = await startAnvil({ port: 0, chainId: 31337, genesisTimeSec: 1_800_000_000 });
  });
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });
  afterAll(() => anvil.close());

  const mine = () => createRpcClient('ethereum', anvil.rpcUrl)('anvil_mine', ['0x1'], z.unknown());
  const wsOf = (url: string) => url.replace(/^http/, 'ws');
  /** Hears of blocks from nodes at these addresses; mines until it does. */
  const listen = (heads: Pick<EthereumHeads, 'onHead'>) => {
    let hints = 0;
    heads.onHead(() => {
      hints += 1;
    });
    const hint = async () => {
      const before = hints;
      await expect
        .poll(async () => {
          await mine();
          return hints;
        }, POLL)
        .toBeGreaterThan(before);
    };
    return { hint, hints: () => hints };
  };

  it('do so over a WebSocket beside the HTTP that all is asked over', async () => {
    const chain = await createEthereumChain(
      { ...OPTIONS, url: anvil.rpcUrl, urls: [wsOf(anvil.rpcUrl)] },
      beacon,
    );
    ending.push(chain.close);
    const { hint } = listen(chain);
    await hint();
    expect((await chain.head()).number).toBeGreaterThan(0);
    expect(chain.endpoints()).toHaveLength(1);
  });

  it('cannot be asked where there is a WebSocket alone', async () => {
    const opening = createEthereumChain({ ...OPTIONS, url: wsOf(anvil.rpcUrl) }, beacon);
    expect(await asyncRefusal(opening)).toMatchObject({
      code: 'CHAIN_MISMATCH',
      meta: { what: expect.stringContaining('over HTTP') },
    });
  });

  it('are asked to again when the line to them was half-open', async () => {
    const { hostname, port } = new URL(anvil.rpcUrl);
    const wire = await startFaultProxy({ host: hostname, port: Number(port) });
    const heads = createEthereumHeads(CHAIN, [`ws://${wire.address}`], PATIENCE);
    ending.push(wire.close, heads.close);
    const { hint } = listen(heads);
    await hint();
    await wire.set('half-open');
    await expect.poll(() => wire.accepted, POLL).toBeGreaterThan(1);
    await wire.set('pass');
    await hint();
  });

  it('are not heard where they are of another chain', async () => {
    const heads = createEthereumHeads({ ...CHAIN, chainId: 1n }, [wsOf(anvil.rpcUrl)], PATIENCE);
    const right = createEthereumHeads(CHAIN, [wsOf(anvil.rpcUrl)], PATIENCE);
    ending.push(heads.close, right.close);
    const { hints } = listen(heads);
    await listen(right).hint();
    expect(hints()).toBe(0);
  });

  it('that fall silent are asked to again, and what they make up is no hint', async () => {
    const methods: string[] = [];
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    ending.push(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    let node: WebSocket | undefined;
    server.on('connection', (socket) => {
      node = socket;
      socket.on('message', (text) => {
        const { id, method } = JSON.parse(`${text}`);
        methods.push(method);
        const result = method === 'eth_chainId' ? '0x7a69' : `0x${methods.length}`;
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const heads = createEthereumHeads(CHAIN, [`ws://127.0.0.1:${port}`], PATIENCE);
    ending.push(heads.close);
    const { hints } = listen(heads);
    const asked = () => methods.filter((method) => method.startsWith('eth_'));
    await expect.poll(asked, POLL).toContain('eth_subscribe');
    const lies = [
      { method: 'eth_subscription' },
      { method: 'eth_subscription', params: 7 },
      { method: 'eth_subscription', params: { subscription: '0x99' } },
      { method: 'eth_subscription', params: [] },
      { method: {}, params: null },
    ];
    for (const lie of lies) node?.send(JSON.stringify({ jsonrpc: '2.0', ...lie }));
    for (let number = 1; number <= 4; number++) heads.seen({ number, hash: `0x0${number}` });
    await expect
      .poll(() => asked().filter((method) => method === 'eth_subscribe').length, POLL)
      .toBe(2);
    expect(asked()).toContain('eth_unsubscribe');
    expect(hints()).toBe(0);
  });
});

describe('a Substrate node', { timeout: 60_000 }, () => {
  let devnet: PolkadotDevnet;
  beforeAll(async () => {
    devnet = await startManualChain();
  });
  afterAll(() => devnet.close());

  it('tells of new blocks and of new final ones', async () => {
    const adapter = await loadAdapter('substrate');
    const finality = await adapter.openFinality({ client: 'grandpa', url: devnet.wsUrl });
    const options = { ...OPTIONS, name: 'polkadot', chainId: 420420499n, url: devnet.wsUrl };
    const chain = await adapter.openChain(options, finality);
    let hints = 0;
    chain.onHead(() => {
      hints += 1;
    });
    const subscribed = () =>
      [...chain.calls().keys()].filter((method) => method.includes('subscribeNewHeads')).length;
    await expect.poll(subscribed, POLL).toBe(1);
    await expect
      .poll(async () => {
        await devnet.produceBlock();
        return hints;
      }, POLL)
      .toBeGreaterThan(3);
    await chain.close();
    await finality.close();
  });
});
