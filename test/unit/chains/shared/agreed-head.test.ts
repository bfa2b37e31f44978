import { describe, expect, it } from 'vitest';
import { agreedHead } from '../../../../src/chains/shared/agreed-head.ts';
import { createEndpoints, inOrder } from '../../../../src/chains/shared/endpoints.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

const hashOf = (text: string): Hex => `0x${text.repeat(32)}`;

/** Nodes with these heads, and where each is placed afterwards. */
function claims(...heads: readonly (readonly [number, string])[]) {
  const endpoints = createEndpoints(
    heads.map((_, i) => `http://node-${i}`),
    () => 0,
  );
  const all = endpoints.map((endpoint, i) => {
    const [number, text] = heads[i] ?? [0, ''];
    return { endpoint, number, hash: hashOf(text) };
  });
  return { all, order: () => inOrder(all).map(({ endpoint }) => endpoint.health().host) };
}

describe('the head of several nodes', () => {
  it('is one that more than one of them knows of', () => {
    const { all, order } = claims([5000, 'ff'], [101, 'aa'], [100, 'bb']);
    expect(agreedHead(all)?.number).toBe(101);
    expect(order()).toEqual(['node-1', 'node-2', 'node-0']);
  });

  it('is not held up by one that has fallen behind', () => {
    const { all, order } = claims([12, 'aa'], [100, 'bb']);
    expect(agreedHead(all)?.number).toBe(100);
    expect(order()).toEqual(['node-1', 'node-0']);
  });

  it('leaves the order as it is while they are a few blocks apart', () => {
    const { all, order } = claims([98, 'aa'], [100, 'bb'], [99, 'cc']);
    expect(agreedHead(all)?.number).toBe(99);
    expect(order()).toEqual(['node-0', 'node-1', 'node-2']);
  });

  it('is what most of them name, and nothing if as many name another', () => {
    expect(agreedHead(claims([9, 'aa'], [9, 'bb'], [9, 'bb']).all)?.hash).toBe(hashOf('bb'));
    expect(agreedHead(claims([9, 'aa'], [9, 'bb']).all)).toBeUndefined();
  });
});
