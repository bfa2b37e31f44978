import { expect, test } from 'vitest';
import { createLogReader } from '../../../../src/chains/ethereum/fetch-logs.ts';
import { createRpcClient } from '../../../../src/chains/shared/json-rpc.ts';
import { GATEWAY } from '../../../support/bridge-logs.ts';
import { startLyingNode } from '../../../support/lying-node.ts';

const LIMIT = 300;

/** A node that gives no more than so many blocks at a time, and what it was asked for. */
async function limitedNode(refusal: { code: number; message: string }) {
  const asked: [number, number][] = [];
  const node = await startLyingNode({
    answer: ({ params }) => {
      const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
      const span: [number, number] = [Number(fromBlock), Number(toBlock)];
      asked.push(span);
      return span[1] - span[0] + 1 > LIMIT ? { error: refusal } : { result: [] };
    },
  });
  return { node, asked };
}

test('a node that gives few blocks at a time is asked for few, from then on', async () => {
  const { node, asked } = await limitedNode({ code: -32602, message: 'block range too large' });
  try {
    const { logs: read } = createLogReader('ethereum', createRpcClient('ethereum', node.url));
    await read({ addresses: [GATEWAY], fromBlock: 0, toBlock: 4999 });
    const answered = asked.filter(([from, to]) => to - from + 1 <= LIMIT);
    // Every block once, without a gap.
    expect(answered[0]?.[0]).toBe(0);
    expect(answered.at(-1)?.[1]).toBe(4999);
    answered.slice(1).forEach(([from], i) => void expect(from).toBe((answered[i]?.[1] ?? 0) + 1));
    const refused = asked.length - answered.length;
    expect(refused).toBeLessThan(answered.length / 2);
    asked.length = 0;
    await read({ addresses: [GATEWAY], fromBlock: 5000, toBlock: 5099 });
    expect(asked).toEqual([[5000, 5099]]);
  } finally {
    await node.stop();
  }
});

test('a node that refuses for another reason is not asked again and again', async () => {
  const { node, asked } = await limitedNode({ code: -32005, message: 'rate limit exceeded' });
  try {
    const { logs: read } = createLogReader('ethereum', createRpcClient('ethereum', node.url));
    const answer = read({ addresses: [GATEWAY], fromBlock: 0, toBlock: 4999 });
    await expect(answer).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(asked).toHaveLength(1);
  } finally {
    await node.stop();
  }
});

test('a node that leaves out what is too much, and does not say so, is asked for less until all of it comes', async () => {
  const most = 3;
  const node = await startLyingNode({
    answer: ({ params }) => {
      const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
      const blocks = Array.from(
        { length: Number(toBlock) - Number(fromBlock) + 1 },
        (_, i) => Number(fromBlock) + i,
      );
      const all = blocks.filter((block) => block % 10 === 0).map(logOf);
      return { result: all.slice(0, most) };
    },
  });
  try {
    const reader = createLogReader('ethereum', createRpcClient('ethereum', node.url));
    const filter = { addresses: [GATEWAY], fromBlock: 1, toBlock: 200 };
    let attempts = 0;
    while ((await reader.logs(filter)).length < 20) {
      attempts += 1;
      expect(attempts).toBeLessThan(6);
      reader.narrow();
    }
    expect(attempts).toBeGreaterThan(0);
  } finally {
    await node.stop();
  }
});

function logOf(block: number) {
  const hash = `0x${block.toString(16).padStart(64, '0')}`;
  const at = { blockNumber: `0x${block.toString(16)}`, blockHash: hash, logIndex: '0x0' };
  return { address: GATEWAY, topics: [hash], data: '0x', transactionHash: hash, ...at };
}
