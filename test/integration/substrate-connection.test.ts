import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { createSubstrateBlocks } from '../../src/chains/substrate/blocks.ts';
import {
  ask,
  connectSubstrate,
  type SubstrateConnection,
} from '../../src/chains/substrate/connection.ts';
import { createSubstrateFinality } from '../../src/chains/substrate/finality-source.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { startManualChain } from '../support/polkadot-devnet.ts';

const HASH = `0x${'00'.repeat(32)}` as const;
/** A second of the line is this long here. */
const PATIENCE = { tickMs: 20, reconnectMs: 20 };
const POLL = { interval: 20, timeout: 30_000 };

describe('a connection to a Substrate node', { timeout: 60_000 }, () => {
  let chain: PolkadotDevnet;
  let other: PolkadotDevnet;
  let proxy: FaultProxy;
  let connection: SubstrateConnection;

  const placeOf = ({ wsUrl }: PolkadotDevnet) => {
    const { hostname, port } = new URL(wsUrl);
    return { host: hostname, port: Number(port) };
  };
  const height = async () =>
    (await ask('westend', 'header', connection.api.rpc.chain.getHeader())).number.toNumber();

  beforeAll(async () => {
    chain = await startManualChain();
    other = await startManualChain({ evmChainId: 420_420_999n });
  });
  afterAll(async () => {
    await chain.close();
    await other.close();
  });
  beforeEach(async () => {
    proxy = await startFaultProxy(placeOf(chain));
    connection = await connectSubstrate('westend', [`ws://${proxy.address}`], PATIENCE);
  });
  afterEach(async () => {
    await connection.api.disconnect();
    await proxy.close();
  });

  it('that is half-open is given up, what is in flight at once, and opened again', async () => {
    await proxy.set('half-open');
    const inFlight = asyncRefusal(height());
    expect(await inFlight).toMatchObject({
      code: 'CHAIN_TIMEOUT',
      disposition: 'retry',
      meta: { what: expect.stringContaining('the node fell silent') },
    });
    expect(await asyncRefusal(height())).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    await proxy.set('pass');
    await expect.poll(() => height().catch(() => undefined), POLL).toBeTypeOf('number');
    expect(proxy.accepted).toBeGreaterThan(1);
    // The sockets that were given up do not stay.
    await expect.poll(() => proxy.open, POLL).toBe(1);
  });

  it('stays while nobody asks anything: the node gives a sign of life when it is asked for one', async () => {
    await new Promise((resolve) => setTimeout(resolve, 60 * PATIENCE.tickMs));
    expect(await height()).toBeTypeOf('number');
    expect(proxy.accepted).toBe(1);
  });

  it("brings subscriptions back, the library's own and others", async () => {
    const heard: number[] = [];
    await connection.api.rpc.chain.subscribeNewHeads(
      ({ number }) => void heard.push(number.toNumber()),
    );
    proxy.cut();
    await expect.poll(() => proxy.accepted, POLL).toBe(2);
    await expect.poll(() => connection.api.isConnected, POLL).toBe(true);
    const before = await height();
    await chain.produceBlock();
    await expect.poll(() => heard, POLL).toContain(before + 1);
  });

  it('is asked for a block again that it did not have, however often somebody asks', async () => {
    const { name, api, send } = connection;
    const blocks = createSubstrateBlocks(connection);
    const head = await blocks.head();
    await proxy.set('half-open');
    expect(await asyncRefusal(blocks.record(head.hash))).toMatchObject({ disposition: 'retry' });
    await proxy.set('pass');
    // Each time somewhat sooner than the library forgets a failure.
    await expect
      .poll(() => blocks.record(head.hash).catch(() => undefined), {
        interval: 500,
        timeout: 10_000,
      })
      .toMatchObject(head);
    const [extrinsic] = (await ask(name, 'block', api.rpc.chain.getBlock(head.hash))).block
      .extrinsics;
    const answer = await ask(name, 'block', send('chain_getBlock', [head.hash]));
    expect(answer).toMatchObject({
      block: { extrinsics: expect.arrayContaining([extrinsic?.toHex()]) },
    });
    const { extrinsics } = await blocks.record(head.hash);
    expect(extrinsics[0]?.hash).toBe(extrinsic?.hash.toHex());
  });

  it('is asked for finality anew once an enclave has refused what it told of', async () => {
    const blocks = createSubstrateBlocks(connection);
    const source = createSubstrateFinality(connection, blocks);
    await expect
      .poll(async () => {
        await chain.produceBlock();
        return (await blocks.finalizedHead()).number;
      }, POLL)
      .toBeGreaterThan(3);
    const client = { client: 'westend', kind: 'substrate', held: HASH } as const;
    const follow = async () => {
      const before = source.calls().get('chain_getBlockHash') ?? 0;
      const step = await source.follow({ ...client, committee: 0n, finalizedNumber: 0n }).next();
      const asked = (source.calls().get('chain_getBlockHash') ?? 0) - before;
      expect(step).toMatchObject({ done: false, value: { command: 'advance' } });
      return asked;
    };
    expect(await follow()).toBeGreaterThan(3);
    // Of final blocks nothing is read twice,
    expect(await follow()).toBeLessThan(3);
    expect(source.distrust('an enclave has refused it')).toBe(proxy.address);
    // unless it may have been wrong.
    expect(await follow()).toBeGreaterThan(3);
    expect(source.endpoints()).toMatchObject([{ lies: 1 }]);
  });

  it('is not made with a node that accepts and never answers, and says so within its patience', async () => {
    await proxy.set('blackhole');
    const tried = connectSubstrate('westend', [`ws://${proxy.address}`], PATIENCE);
    expect(await asyncRefusal(tried)).toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
      meta: { what: expect.stringContaining('the handshake was not answered') },
    });
  });

  it('is not made with what is no node', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 200 OK\r\n\r\n', () => socket.destroy());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const tried = connectSubstrate('westend', [`ws://127.0.0.1:${port}`], PATIENCE);
    expect(await asyncRefusal(tried)).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    await new Promise((closed) => server.close(closed));
  });

  it("is not used any more when another chain answers in the node's place, until the node is back", async () => {
    const impostor = await startFaultProxy(placeOf(other), { host: '127.0.0.1', port: 0 });
    const place = Number(impostor.address.split(':')[1]);
    await impostor.close();
    // The way through `proxy` to the chain, then to the other one under the same address.
    const way = await startFaultProxy(placeOf(chain), { host: '127.0.0.1', port: place });
    const second = await connectSubstrate('westend', [`ws://127.0.0.1:${place}`], PATIENCE);
    await way.close();
    const wrong = await startFaultProxy(placeOf(other), { host: '127.0.0.1', port: place });
    const codeNow = async () => {
      const refused = second.send('system_health', []).then(
        () => undefined,
        (error: unknown) => (error as { code?: string }).code,
      );
      return await refused;
    };
    await expect.poll(codeNow, POLL).toBe('CHAIN_MISMATCH');
    await wrong.close();
    const back = await startFaultProxy(placeOf(chain), { host: '127.0.0.1', port: place });
    await expect
      .poll(() => second.send('system_health', []).catch(() => undefined), POLL)
      .toBeDefined();
    await second.api.disconnect();
    await back.close();
  });

  describe('to two nodes', () => {
    let second: FaultProxy;
    let both: SubstrateConnection;

    beforeEach(async () => {
      second = await startFaultProxy(placeOf(chain));
      const urls = [`ws://${proxy.address}`, `ws://${second.address}`] as const;
      both = await connectSubstrate('westend', [...urls], PATIENCE);
      // One is enough to begin with.
      await expect.poll(() => second.accepted, POLL).toBeGreaterThan(0);
    });
    afterEach(async () => {
      await both.api.disconnect();
      await second.close();
    });
    const heightOfBoth = async () =>
      (await ask('westend', 'header', both.api.rpc.chain.getHeader())).number.toNumber();

    it('goes on with the other one when one is gone, subscriptions too', async () => {
      const heard: number[] = [];
      await both.api.rpc.chain.subscribeNewHeads(
        ({ number }) => void heard.push(number.toNumber()),
      );
      const before = await heightOfBoth();
      await proxy.close();
      await expect.poll(() => heightOfBoth().catch(() => undefined), POLL).toBe(before);
      await chain.produceBlock();
      await expect.poll(() => heard, POLL).toContain(before + 1);
      proxy = await startFaultProxy(placeOf(chain));
    });

    it('asks the one that was caught after the other', async () => {
      const [genesis] = await Promise.all([both.send('chain_getBlockHash', [0])]);
      expect(both.nodes.distrust('it left out an event')).toBe(proxy.address);
      expect(await both.send('chain_getBlockHash', [0])).toBe(genesis);
      expect(both.nodes.endpoints()).toMatchObject([
        { host: proxy.address, lies: 1, distrustedFor: 'it left out an event' },
        { host: second.address, lies: 0 },
      ]);
      expect(both.nodes.distrust('it as well')).toBe(second.address);
    });
  });

  it('is not made with nodes of different chains', async () => {
    const stranger = await startFaultProxy(placeOf(other));
    const urls = [`ws://${proxy.address}`, `ws://${stranger.address}`] as const;
    const both = await connectSubstrate('westend', [...urls], PATIENCE).catch(() => undefined);
    // Whichever was first to answer, the other one is not used.
    await expect
      .poll(() => both?.nodes.endpoints().some(({ lies }) => lies > 0) ?? true, POLL)
      .toBe(true);
    await both?.api.disconnect();
    await stranger.close();
  });
});
