import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBeaconApi } from '../../../../src/chains/ethereum/beacon-api.ts';
import { translateRefusal } from '../../../../src/chains/ethereum/refusal.ts';
import { count } from '../../../../src/chains/ethereum/schema.ts';
import { createRpcClient, refusalOf } from '../../../../src/chains/shared/json-rpc.ts';
import { quantity } from '../../../../src/chains/shared/node-hex.ts';

describe('a node that answers over HTTP', () => {
  let server: Server;
  let url: string;
  let answer = { status: 200, body: '' };

  beforeAll(async () => {
    server = createServer((_, response) => {
      response.statusCode = answer.status;
      // An answer without a body never ends.
      if (answer.body !== '') response.end(answer.body);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  const ask = async (body: string, status = 200) => {
    answer = { status, body };
    const rpc = createRpcClient('ethereum', url);
    return await translateRefusal('ethereum', rpc('eth_test', [], quantity)).catch(
      (error) => error,
    );
  };

  it('is believed if the shape is right', async () => {
    expect(await ask('{"jsonrpc":"2.0","id":1,"result":"0x10"}')).toBe(16n);
  });

  it.each([
    ['no JSON', 'nonsense', 'CHAIN_UNAVAILABLE'],
    ['a number for a quantity', '{"result":16}', 'CHAIN_ANSWER_MALFORMED'],
    ['no result', '{}', 'CHAIN_ANSWER_MALFORMED'],
    ['a quantity that is too long', `{"result":"0x${'1'.repeat(65)}"}`, 'CHAIN_ANSWER_MALFORMED'],
  ])('is not believed with %s', async (_, body, code) => {
    expect(await ask(body)).toMatchObject({
      code,
      disposition: 'retry',
      meta: { chain: 'ethereum' },
    });
  });

  it('is asked again later if it fails', async () => {
    expect(await ask('{}', 503)).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
  });

  it('may refuse a call with the contract’s data, in either place nodes put it', async () => {
    const data = '0xdeadbeef';
    for (const error of [
      { code: 3, message: 'execution reverted', data },
      { code: -32_000, message: 'execution reverted: x', data: { data } },
    ]) {
      const refusal = await ask(JSON.stringify({ error }));
      expect(refusal).toMatchObject({ code: 'CHAIN_CALL_REVERTED', meta: { data } });
    }
  });

  it('may have its data behind a word, as Parity wrote it', async () => {
    const error = { code: -32_015, message: 'VM execution error.', data: 'Reverted 0xdeadbeef' };
    expect(await ask(JSON.stringify({ error }))).toMatchObject({
      code: 'CHAIN_CALL_REVERTED',
      meta: { data: '0xdeadbeef' },
    });
  });

  it('may say beside its answer that there is no error', async () => {
    expect(await ask('{"result":"0x10","error":null}')).toBe(16n);
  });

  it.each([400, 413, 500])('may refuse with HTTP %i and its reason', async (status) => {
    const error = { code: -32_614, message: 'eth_getLogs is limited to a 10,000 range' };
    answer = { status, body: JSON.stringify({ jsonrpc: '2.0', id: 1, error }) };
    const refused = await createRpcClient('ethereum', url)('eth_getLogs', [], quantity).catch(
      (failure) => failure,
    );
    expect(refusalOf(refused)).toMatchObject(error);
  });

  it.each([
    [429, '{"error":{"code":429,"message":"too fast"}}'],
    [502, '<html>Bad Gateway</html>'],
    [400, '<html>Bad Request</html>'],
    [500, '{"result":"0x10"}'],
  ])('has not answered if HTTP %i comes with %s', async (status, body) => {
    const error = await ask(body, status);
    expect(error).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(refusalOf(error)).toBeUndefined();
  });

  it('may refuse a transaction, which is no revert', async () => {
    const error = { code: -32_000, message: 'insufficient funds for gas' };
    expect(await ask(JSON.stringify({ error }))).toMatchObject({
      code: 'CHAIN_TRANSACTION_REFUSED',
      meta: { what: 'the node refused: insufficient funds for gas' },
    });
  });

  it('is late, and has refused nothing, if no answer comes in time', async () => {
    answer = { status: 200, body: '' };
    const rpc = createRpcClient('ethereum', url, 50);
    const late = translateRefusal('ethereum', rpc('eth_sendRawTransaction', ['0x'], quantity));
    await expect(late).rejects.toMatchObject({
      code: 'CHAIN_TIMEOUT',
      disposition: 'retry',
      meta: { chain: 'ethereum' },
    });
  });

  it.each([408, 504])('is late if what stands before it says so with HTTP %i', async (status) => {
    expect(await ask('{}', status)).toMatchObject({ code: 'CHAIN_TIMEOUT' });
  });

  it.each(['request timed out', 'timeout', 'context deadline exceeded', 'read time-out'])(
    'is late if it says "%s"',
    async (message) => {
      const error = { code: -32_000, message };
      expect(await ask(JSON.stringify({ error }))).toMatchObject({ code: 'CHAIN_TIMEOUT' });
    },
  );

  it('is named by whoever asked it, also where nobody looks at its refusal', async () => {
    answer = { status: 200, body: '{"error":{"code":-32005,"message":"too many blocks"}}' };
    const refused = createRpcClient('moonbeam', url)('eth_getLogs', [], quantity);
    await expect(refused).rejects.toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
      meta: { chain: 'moonbeam', what: 'the node refused eth_getLogs: too many blocks' },
    });
  });

  it('cannot pass a count that is no safe integer', () => {
    expect(count.safeParse('0x20000000000001').success).toBe(false);
    expect(count.safeParse('0x1fffffffffffff').success).toBe(true);
  });

  it('is a beacon without finality if it knows of no finality update', async () => {
    answer = { status: 404, body: '{}' };
    expect(await createBeaconApi('ethereum', `${url}/`).finalityUpdate()).toBeUndefined();
    answer = { status: 500, body: '{}' };
    await expect(createBeaconApi('ethereum', url).finalityUpdate()).rejects.toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
    });
  });

  const hash = `0x${'ab'.repeat(32)}`;
  const finality = (header: object) =>
    JSON.stringify({
      data: {
        attested_header: { beacon: { slot: '99' } },
        finalized_header: { beacon: { slot: '64' }, ...header },
      },
    });

  it.each([
    ['the header itself', { execution: { block_number: '7', block_hash: hash } }],
    ['its hash alone, as from Gloas on', { execution_block_hash: hash }],
  ])('is a beacon that tells of a final execution block by %s', async (_, header) => {
    answer = { status: 200, body: finality(header) };
    expect(await createBeaconApi('ethereum', url).finalityUpdate()).toMatchObject({
      attestedSlot: 99,
      finalizedSlot: 64,
      finalizedBlockHash: hash,
    });
  });

  it('is no beacon that tells of no execution block', async () => {
    answer = { status: 200, body: finality({}) };
    await expect(createBeaconApi('ethereum', url).finalityUpdate()).rejects.toMatchObject({
      code: 'CHAIN_ANSWER_MALFORMED',
      meta: { chain: 'ethereum' },
    });
  });
});
