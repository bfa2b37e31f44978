import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEndpoints, type Endpoint } from '../../../../src/chains/shared/endpoints.ts';
import {
  createFailoverClient,
  type FailoverClient,
} from '../../../../src/chains/shared/failover-client.ts';
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
    client = createFailoverClient('ethereum', endpoints, async () => {
      greeted += 1;
    });
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

  it('say why the first could not be asked if none can', async () => {
    for (const { lies } of nodes) lies.answer = () => ({ status: 503 });
    await expect(ask()).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
  });

  it('are all asked for what nobody proves, and one that fails hides no other', async () => {
    first().answer = () => ({ status: 503 });
    const answers = await client.askAll('eth_blockNumber', [], quantity);
    expect(answers.map(({ answer }) => answer)).toEqual([2n]);
  });

  it('are asked after the others once they were caught', async () => {
    await ask('eth_getLogs');
    client.lastToAnswer('eth_getLogs')?.distrust('it left out a log');
    expect(await ask('eth_getLogs')).toBe(2n);
  });
});
