import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createExecutionClient,
  type ExecutionClient,
} from '../../../../devnet/ethereum/execution-client.ts';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: unknown[];
}

const WORD = `0x${'11'.repeat(32)}`;
const BLOCK = {
  parentHash: WORD,
  miner: `0x${'22'.repeat(20)}`,
  stateRoot: WORD,
  receiptsRoot: WORD,
  logsBloom: `0x${'00'.repeat(256)}`,
  mixHash: WORD,
  number: '0x10',
  gasLimit: '0x1c9c380',
  gasUsed: '0x5208',
  timestamp: '0x64',
  extraData: '0x',
  baseFeePerGas: '0x3b9aca00',
  hash: WORD,
  blobGasUsed: '0x0',
  excessBlobGas: '0x0',
  transactions: ['0xaa', '0xbb'],
};

let server: Server;
let client: ExecutionClient;
let calls: Call[];
/** How many `evm_mine` calls are refused before one is taken. */
let refusals: number;

function answer({ id, method, params }: Call) {
  if (method === 'evm_mine' && refusals-- > 0) {
    return { id, error: { code: -32602, message: 'Timestamp error' } };
  }
  if (method === 'eth_getRawTransactionByHash') return { id, result: `${params[0]}cc` };
  return { id, result: method === 'eth_getBlockByNumber' ? BLOCK : '0x0' };
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const call: Call = JSON.parse(body);
    calls.push(call);
    // Answers may come in another order than the questions.
    if (call.params[0] === '0xaa') await sleep(30);
    response.end(JSON.stringify(answer(call)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = createExecutionClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  calls = [];
  refusals = 0;
});

describe('the execution client', () => {
  it('reads a block with the bytes of its transactions in order', async () => {
    const block = await client.fetchHead();
    expect(block).toMatchObject({ blockNumber: 16, timestamp: 100, baseFeePerGas: 1_000_000_000n });
    expect(block.transactions).toEqual([Uint8Array.of(0xaa, 0xcc), Uint8Array.of(0xbb, 0xcc)]);
  });

  it.each([
    [500, 500],
    [100, 101],
    [7, 101],
  ])('mines for %i s a block at %i s, later than its parent at 100 s', async (wanted, expected) => {
    await client.mineBlock(wanted);
    const mined = calls.find(({ method }) => method === 'evm_mine');
    expect(mined?.params).toEqual([{ timestamp: expected }]);
  });

  it('looks at the head again when its block is refused once', async () => {
    refusals = 1;
    await client.mineBlock(500);
    expect(calls.filter(({ method }) => method === 'evm_mine')).toHaveLength(2);
  });

  it('reports what is refused twice, and a server that is not there', async () => {
    refusals = 2;
    await expect(client.mineBlock(500)).rejects.toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
      meta: { what: 'the node refused evm_mine: Timestamp error' },
    });
    await expect(createExecutionClient('http://127.0.0.1:3').fetchHead()).rejects.toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
      meta: { what: 'no answer from 127.0.0.1:3; is the node up?' },
    });
  });
});
