import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { weighRefusal } from '../../../../src/chains/ethereum/weigh-refusal.ts';
import { createEndpoints, type Endpoint } from '../../../../src/chains/shared/endpoints.ts';
import {
  createFailoverClient,
  type FailoverClient,
} from '../../../../src/chains/shared/failover-client.ts';
import { refusalOf } from '../../../../src/chains/shared/json-rpc.ts';
import { quantity } from '../../../../src/chains/shared/node-hex.ts';
import { type LyingNode, startLyingNode } from '../../../support/lying-node.ts';

describe('several nodes of one chain', () => {
  let nodes: LyingNode[];
  let endpoints: Endpoint[];
  let client: FailoverClient;
  let greeted: number;

  beforeEach(async () => {
    const answerOf = (result: string) => ({ answer: () => ({ result }) });
    nodes = [await startLyingNode(answerOf('0x1')), await startLyingNode(answerOf('0x2'))];
    endpoints = createEndpoints(nodes.map(({ url }) => url));
    greeted = 0;
    const greet = async () => {
      greeted += 1;
    };
    client = createFailoverClient('ethereum', endpoints, { greet, weigh: weighRefusal });
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
  });

  const ask = (method = 'eth_gasPrice') => client.rpc(method, [], quantity);
  const first = () => nodes[0]?.lies ?? {};

  it('are asked one at a time, the first as long as it answers', async () => {
    expect([await ask(), await ask()]).toEqual([1n, 1n]);
    expect(nodes[1]?.calls.size).toBe(0);
    expect(greeted).toBe(1);
    expect(client.calls).toEqual(new Map([['eth_gasPrice', 2]]));
  });

  it.each([
    ['does not answer', { status: 503 }],
    ['answers nothing that could be read', { result: null }],
    ['has too much to do', { error: { code: -32005, message: 'rate limit exceeded' } }],
    ['is behind', { error: { code: -32000, message: 'header not found' } }],
    ['has lost its state', { error: { code: -32000, message: 'missing trie node 3b5e (path )' } }],
    ['is broken inside', { error: { code: -32603, message: 'Internal error' } }],
    ['does not offer it', { error: { code: -32601, message: 'Method not found' } }],
    ['is not to be used', { error: { code: -32000, message: 'Must be authenticated!' } }],
  ])('answers for the one that %s', async (_, answer) => {
    first().answer = () => answer;
    expect(await ask('eth_call')).toBe(2n);
    expect(endpoints[0]?.health()).toMatchObject({ failures: 1 });
    // The other one is asked first now.
    await ask();
    expect(nodes[0]?.calls.size).toBe(1);
  });

  it('are not asked one after the other for what any of them would refuse', async () => {
    first().answer = () => ({ error: { code: 3, message: 'execution reverted', data: '0x' } });
    await expect(ask('eth_call')).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(nodes[1]?.calls.size).toBe(0);
    expect(endpoints[0]?.health()).toMatchObject({ failures: 0 });
  });

  it.each([
    'execution reverted: GatewayPaused()',
    'VM execution error.',
    'out of gas: gas required exceeds allowance: 30000000',
    'invalid opcode: INVALID',
    'insufficient funds for gas * price + value',
  ])('say of a call what any would: "%s"', async (message) => {
    first().answer = () => ({ error: { code: -32000, message } });
    await expect(ask('eth_estimateGas')).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(nodes[1]?.calls.size).toBe(0);
  });

  it.each([
    ['has no room', 'txpool is full', 1],
    ['is behind its chain', 'Syncing', 1],
    ['takes none from anybody', 'the method eth_sendRawTransaction does not exist', 1],
    ['wants more for it', 'transaction underpriced: gas tip cap 0, minimum needed 1', 0],
    ['has a nonce that is ahead', 'nonce too low: next nonce 8, tx nonce 7', 0],
  ])(
    'are given a transaction that the first does not take: it %s',
    async (_, message, failures) => {
      first().answer = () => ({ error: { code: -32000, message } });
      expect(await ask('eth_sendRawTransaction')).toBe(2n);
      expect(endpoints[0]?.health()).toMatchObject({ failures });
    },
  );

  it('say what one of them thinks of a transaction before that another is broken', async () => {
    const refusing = (message: string) => () => ({ error: { code: -32000, message } });
    first().answer = refusing('Internal error');
    Object.assign(nodes[1]?.lies ?? {}, { answer: refusing('nonce too low') });
    const failure: unknown = await ask('eth_sendRawTransaction').catch((error) => error);
    expect(refusalOf(failure)).toMatchObject({ message: 'nonce too low' });
  });

  it('say why the first could not be asked if none can', async () => {
    for (const { lies } of nodes) lies.answer = () => ({ status: 503 });
    await expect(ask()).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
  });

  it('are all asked for what nobody proves, and one that fails hides no other', async () => {
    first().answer = () => ({ status: 503 });
    const answers = await client.askAll('eth_blockNumber', [], quantity);
    expect(answers.map(({ answer }) => answer)).toEqual([2n]);
  });

  it('are all given once what one of them may pass on to nobody, and the first that takes it counts', async () => {
    first().answer = () => ({ error: { code: -32000, message: 'nonce too low' } });
    expect(await client.toAll('eth_sendRawTransaction', [], quantity)).toBe(2n);
    expect(client.calls).toEqual(new Map([['eth_sendRawTransaction', 2]]));
    await expect.poll(() => nodes[0]?.calls.get('eth_sendRawTransaction')).toBe(1);
  });

  it('say what one thinks of it, if none takes what all are given, before that another is broken', async () => {
    const refusing = (message: string) => () => ({ error: { code: -32000, message } });
    first().answer = refusing('Internal error');
    Object.assign(nodes[1]?.lies ?? {}, { answer: refusing('nonce too low') });
    const given = client.toAll('eth_sendRawTransaction', [], quantity);
    const failure: unknown = await given.catch((error) => error);
    expect(refusalOf(failure)).toMatchObject({ message: 'nonce too low' });
  });

  it('are asked after the others once they were caught', async () => {
    await ask('eth_getLogs');
    client.lastToAnswer('eth_getLogs')?.distrust('it left out a log');
    expect(await ask('eth_getLogs')).toBe(2n);
  });
});
