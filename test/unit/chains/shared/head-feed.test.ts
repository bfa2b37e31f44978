import { describe, expect, it, vi } from 'vitest';
import { createHeadFeed, type FeedLine } from '../../../../src/chains/shared/head-feed.ts';
import type { LineListener } from '../../../../src/chains/shared/node-line.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

const SUBSCRIPTION = { begin: ['sub', ['newHeads']], end: 'unsub' } as const;

/** A line whose node says what the test has it say. */
function scriptedLine() {
  let isConnected = true;
  let listener: LineListener | undefined;
  let id = 0;
  const call = vi.fn<FeedLine['call']>(async (method) => (method === 'sub' ? `id-${++id}` : true));
  const line: FeedLine = {
    get isConnected() {
      return isConnected;
    },
    listen: (one) => {
      listener = one;
    },
    call,
  };
  return {
    line,
    call,
    tell: (subscription: unknown) =>
      listener?.told({ jsonrpc: '2.0', id: 0, method: 'x', params: { subscription } } as never),
    lose: () => {
      isConnected = false;
      listener?.lost();
    },
    connect: () => {
      isConnected = true;
      listener?.connected(undefined);
    },
    asked: () => call.mock.calls.map(([method, [first]]) => `${method} ${first}`),
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const blocks = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const number = from + i;
    return { number, hash: `0x${number.toString(16)}` as Hex };
  });

describe('hints of new blocks', () => {
  it('are asked for when somebody wants to hear of them, and once', async () => {
    const { line, tell, asked } = scriptedLine();
    const feed = createHeadFeed(line, SUBSCRIPTION);
    expect(asked()).toEqual([]);
    const [one, other] = [vi.fn(), vi.fn()];
    feed.onHead(one);
    feed.onHead(other);
    await settle();
    expect(asked()).toEqual(['sub newHeads']);
    tell('id-1');
    tell('id-7');
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 1]);
  });

  it('are asked for again on each connection, and none of an old one is heard', async () => {
    const { line, tell, asked, lose, connect } = scriptedLine();
    const heard = vi.fn();
    createHeadFeed(line, SUBSCRIPTION).onHead(heard);
    await settle();
    lose();
    tell('id-1');
    connect();
    await settle();
    tell('id-1');
    expect(heard).not.toHaveBeenCalled();
    tell('id-2');
    expect(heard).toHaveBeenCalledOnce();
    expect(asked()).toEqual(['sub newHeads', 'sub newHeads']);
  });

  it('are asked for anew where blocks come without one, each time after twice as many', async () => {
    const { line, asked, tell } = scriptedLine();
    const feed = createHeadFeed(line, SUBSCRIPTION);
    feed.onHead(() => undefined);
    await settle();
    const show = async (from: number, count: number) => {
      // Whoever asks more often than there are blocks sees the same one again.
      for (const block of blocks(from, count)) {
        feed.seen(block);
        feed.seen(block);
        await settle();
      }
    };
    await show(1, 3);
    expect(asked()).toEqual(['sub newHeads']);
    await show(4, 1);
    const renewed = ['unsub id-1', 'sub newHeads'];
    expect(asked()).toEqual(['sub newHeads', ...renewed]);
    await show(5, 6);
    expect(asked()).toHaveLength(3);
    await show(11, 1);
    expect(asked().slice(3)).toEqual(['unsub id-2', 'sub newHeads']);
    // One that tells is left alone.
    for (const block of blocks(12, 20)) {
      tell('id-3');
      feed.seen(block);
    }
    expect(asked()).toHaveLength(5);
  });

  it('are asked for again, after some blocks, where the node refused or was late', async () => {
    const { line, call, asked } = scriptedLine();
    call.mockRejectedValueOnce(new Error('-32601: no such method'));
    const feed = createHeadFeed(line, SUBSCRIPTION);
    feed.onHead(() => undefined);
    await settle();
    for (const block of blocks(1, 4)) feed.seen(block);
    await settle();
    expect(asked()).toEqual(['sub newHeads', 'sub newHeads']);
  });
});
