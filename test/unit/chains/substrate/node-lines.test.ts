import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createNodeLines, type NodeLines } from '../../../../src/chains/substrate/node-lines.ts';

/** Undefined if it never answers. */
type Said = { readonly result: unknown } | { readonly error: object } | undefined;
type Says = Readonly<Record<string, Said | ((times: number) => Said)>>;

const DISCARDED = {
  error: { code: 4003, message: 'Client error: UnknownBlock: State already discarded for 0x3b' },
};
const NO_ROOM = { error: { code: 1016, message: 'Immediately Dropped' } };

/** A node that says of each method what it is told to, and of which chain it is. */
async function startNode(says: Says) {
  const asked: string[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.on('message', (text) => {
      const { id, method } = JSON.parse(String(text)) as { id: number; method: string };
      asked.push(method);
      const answer = method in says ? says[method] : { result: '0x01' };
      const times = asked.filter((each) => each === method).length;
      const said = typeof answer === 'function' ? answer(times) : answer;
      if (said !== undefined) socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...said }));
    });
  });
  await new Promise((listening) => server.once('listening', listening));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, close: () => server.close() };
}

describe('two nodes of a Substrate chain, of which the first cannot', () => {
  let first: Awaited<ReturnType<typeof startNode>>;
  let second: Awaited<ReturnType<typeof startNode>>;
  let lines: NodeLines;

  beforeEach(async () => {
    first = await startNode({ state_call: DISCARDED, author_submitExtrinsic: NO_ROOM });
    second = await startNode({ state_call: { result: '0x02' } });
    lines = createNodeLines('westend', [first.url, second.url]);
    await lines.open();
    await expect.poll(() => lines.endpoints().every(({ answers }) => answers > 0)).toBe(true);
  });
  afterEach(() => {
    lines.close();
    first.close();
    second.close();
  });

  it('run a call where the state is still there', async () => {
    expect(await lines.call('state_call', ['ReviveApi_call', '0x', '0x3b'])).toBe('0x02');
    expect(lines.endpoints()).toMatchObject([{ failures: 1 }, { failures: 0 }]);
  });

  it('take an extrinsic where there is room, and nobody is blamed', async () => {
    expect(await lines.call('author_submitExtrinsic', ['0x'])).toBe('0x01');
    expect(lines.endpoints()).toMatchObject([{ failures: 0 }, { failures: 0 }]);
  });

  it('are both given once what is to be known to all, and the one that takes it counts', async () => {
    expect(await lines.toAll('author_submitExtrinsic', ['0x'])).toBe('0x01');
    const given = () => [first, second].map(({ asked }) => asked.slice(1));
    await expect.poll(given).toEqual([['author_submitExtrinsic'], ['author_submitExtrinsic']]);
    expect(lines.calls.get('author_submitExtrinsic')).toBe(2);
  });
});

describe('two nodes of a Substrate chain, of which one answers signs of life only', () => {
  const hash = `0x${'22'.repeat(32)}`;
  const header = { number: '0x10', parentHash: `0x${'11'.repeat(32)}` };
  let hanging: Awaited<ReturnType<typeof startNode>>;
  let good: Awaited<ReturnType<typeof startNode>>;
  let lines: NodeLines;

  beforeEach(async () => {
    hanging = await startNode({ chain_getHeader: undefined, chain_getFinalizedHead: undefined });
    good = await startNode({
      chain_getHeader: { result: header },
      chain_getFinalizedHead: { result: hash },
    });
    lines = createNodeLines('westend', [hanging.url, good.url]);
    await lines.open();
    await expect.poll(() => lines.endpoints().every(({ answers }) => answers > 0)).toBe(true);
  });
  afterEach(() => {
    lines.close();
    hanging.close();
    good.close();
  });

  it('tell of the newest block and of the newest final one within a moment', async () => {
    expect(await lines.call('chain_getHeader', [])).toEqual(header);
    expect(await lines.call('chain_getFinalizedHead', [])).toBe(hash);
  });
});

it('a node of a Substrate chain is used that says only once of which chain it is', async () => {
  const picky = await startNode({
    chain_getBlockHash: (times) =>
      times === 1 ? { result: '0x01' } : { error: { code: -32005, message: 'too many requests' } },
    state_call: { result: '0x02' },
  });
  const lines = createNodeLines('westend', [picky.url]);
  await lines.open();
  expect(await lines.call('state_call', [])).toBe('0x02');
  expect(lines.endpoints()).toMatchObject([{ answers: 2, failures: 0 }]);
  lines.close();
  picky.close();
});
