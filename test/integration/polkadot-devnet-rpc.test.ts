import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { ask, askRaw, type HeaderJson, startManualChain } from '../support/polkadot-devnet.ts';
import { readVectorJson, vectorsFolder, vectorsMissing } from '../support/vectors.ts';

const NUMBER = '0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac';
/** The runtime of spec version 1, which the recorded nodes ran. */
const RECORDED_WASM = join(vectorsFolder, '../bin/veilspan_runtime.compact.compressed.wasm');
const UNKNOWN_HASH: Hex = `0x${'77'.repeat(32)}`;

describe('the JSON-RPC of the Polkadot devnet', () => {
  let chain: PolkadotDevnet;

  beforeAll(async () => {
    chain = await startManualChain({ preset: 'local_testnet' });
    for (let i = 0; i < 3; i++) await chain.produceBlock();
  });
  afterAll(() => chain?.close());

  /** Sends one frame and collects messages until there are `count`. */
  function converse(
    frame: string,
    count: number,
    then?: () => Promise<unknown>,
  ): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(chain.wsUrl);
      const seen: unknown[] = [];
      let done: Promise<unknown> | undefined;
      socket.on('open', () => socket.send(frame));
      socket.on('error', reject);
      socket.on('message', (text) => {
        seen.push(JSON.parse(String(text)));
        done ??= then?.() ?? Promise.resolve();
        if (seen.length < count) return;
        socket.close();
        void done.then(() => resolve(seen.slice(0, count)));
      });
    });
  }

  it.skipIf(vectorsMissing ?? !existsSync(RECORDED_WASM))(
    'has the genesis of the recorded native nodes, with the runtime that they ran',
    async () => {
      const recorded = readVectorJson<{ genesisHash: Hex }>(
        'substrate-node/revive-three-authorities.json',
      );
      const twin = await startManualChain({ preset: 'local_testnet', wasm: RECORDED_WASM });
      await twin.close();
      expect(twin.genesisHash).toBe(recorded.genesisHash);
    },
  );

  it('names what it serves', async () => {
    const { methods } = await ask<{ methods: string[] }>(chain, 'rpc_methods');
    expect(methods).toEqual(
      expect.arrayContaining(['rpc_methods', 'state_getReadProof', 'author_unwatchExtrinsic']),
    );
    expect(await ask(chain, 'system_chain')).toBe('Veilspan local_testnet');
    expect(await ask(chain, 'system_chainType')).toBe('Local');
    expect(await ask(chain, 'system_properties')).toEqual({
      ss58Format: 42,
      tokenDecimals: 10,
      tokenSymbol: 'DOT',
    });
  });

  it('answers batches in one message and notifications not at all', async () => {
    const [answers] = await converse(
      '[{"jsonrpc":"2.0","id":"a","method":"system_name"},{"jsonrpc":"2.0","method":"system_name"},5]',
      1,
    );
    expect(answers).toEqual([
      { jsonrpc: '2.0', id: 'a', result: 'Veilspan Node' },
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid request' } },
    ]);
  });

  it.each([
    ['{nope', -32700],
    ['[]', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"nope_nope"}', -32601],
    ['{"jsonrpc":"2.0","id":1,"method":"state_getStorage","params":["xyz"]}', -32602],
    [
      `{"jsonrpc":"2.0","id":1,"method":"state_getStorage","params":["0x12","${UNKNOWN_HASH}"]}`,
      4003,
    ],
    ['{"jsonrpc":"2.0","id":1,"method":"state_getKeysPaged","params":["0x",2000]}', 4002],
    ['{"jsonrpc":"2.0","id":1,"method":"chain_getBlock","params":["0x12"]}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"state_call","params":["Nope_nope","0x"]}', 4003],
  ])('answers %s with error %i', async (frame, code) => {
    expect(await converse(frame, 1)).toMatchObject([{ error: { code } }]);
  });

  it('refuses over HTTP what only a socket can do, and what is not JSON', async () => {
    expect((await askRaw(chain, 'chain_subscribeNewHeads')).error?.code).toBe(-32603);
    expect((await fetch(chain.httpUrl)).status).toBe(405);
    expect((await fetch(chain.httpUrl, { method: 'POST', body: '{}' })).status).toBe(415);
    const headers = { 'content-type': 'application/json' };
    const body = `"${'a'.repeat(16 * 1024 * 1024)}"`;
    expect((await fetch(chain.httpUrl, { method: 'POST', headers, body })).status).toBe(413);
  });

  it('survives clients that break off', async () => {
    const { hostname, port } = new URL(chain.httpUrl);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    await delay(50);
    socket.destroy();
    const gone = new WebSocket(chain.wsUrl);
    await once(gone, 'open');
    gone.send('{"jsonrpc":"2.0","id":1,"method":"chain_subscribeNewHeads"}');
    gone.terminate();
    await chain.produceBlock();
    expect(await ask(chain, 'system_name')).toBe('Veilspan Node');
  });

  it('streams heads, justifications and changed keys, the answer first', async () => {
    const subscribe = (method: string, params: unknown[] = []) =>
      converse(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), 3, async () => {
        await chain.produceBlock();
        await chain.produceBlock();
      });
    const heads = (await subscribe('chain_subscribeNewHeads')) as {
      method?: string;
      result?: string;
      params?: { subscription: string; result: HeaderJson };
    }[];
    expect(heads.map(({ method }) => method)).toEqual([
      undefined,
      'chain_newHead',
      'chain_newHead',
    ]);
    expect(heads[1]?.params?.subscription).toBe(heads[0]?.result);
    expect(Number(heads[2]?.params?.result.number)).toBe(
      Number(heads[1]?.params?.result.number) + 1,
    );
    expect(await subscribe('grandpa_subscribeJustifications')).toMatchObject([
      {},
      { method: 'grandpa_justifications', params: { result: expect.stringMatching(/^0x/) } },
      { method: 'grandpa_justifications' },
    ]);
    expect(await subscribe('state_subscribeStorage', [[NUMBER, '0x1234']])).toMatchObject([
      {},
      {
        method: 'state_storage',
        params: {
          result: {
            changes: [
              [NUMBER, '0x08000000'],
              ['0x1234', null],
            ],
          },
        },
      },
      { params: { result: { changes: [[NUMBER, '0x09000000']] } } },
    ]);
  });

  it('pages through all keys in order', async () => {
    const all = await ask<Hex[]>(chain, 'state_getKeys', '0x');
    const paged: Hex[] = [];
    for (let after: Hex | null = null; ; after = paged.at(-1) ?? null) {
      const page: Hex[] = await ask<Hex[]>(chain, 'state_getKeysPaged', '0x', 50, after);
      paged.push(...page);
      if (page.length < 50) break;
    }
    expect(paged).toEqual(all);
    expect(paged).toEqual([...all].sort());
    expect(all.length).toBeGreaterThan(60);
  });

  it('tells the changes of a key over a range of blocks', async () => {
    const [from, to] = await ask<Hex[]>(chain, 'chain_getBlockHash', [1, 3]);
    const changes = await ask<{ changes: unknown }[]>(
      chain,
      'state_queryStorage',
      [NUMBER],
      from,
      to,
    );
    expect(changes.map((set) => set.changes)).toEqual([
      [[NUMBER, '0x01000000']],
      [[NUMBER, '0x02000000']],
      [[NUMBER, '0x03000000']],
    ]);
  });
});
