import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BlockSpan,
  findChangedBlocks,
} from '../../../../src/chains/substrate/changed-blocks.ts';

/** A storage that these blocks change, of a contract that is made in the first of them. */
async function find(span: BlockSpan, changes: readonly number[]) {
  const asked: number[] = [];
  const spans = await findChangedBlocks(span, async (blockNumber) => {
    asked.push(blockNumber);
    const count = changes.filter((change) => change <= blockNumber).length;
    return count === 0 ? undefined : `${count}`;
  });
  const found = spans.flatMap(({ fromBlock, toBlock }) =>
    Array.from({ length: toBlock - fromBlock + 1 }, (_, i) => fromBlock + i),
  );
  return { spans, found, asked: asked.length };
}

const HUGE = { fromBlock: 1000, toBlock: 1_000_999 };

describe('blocks that change some storage', () => {
  it('are all among those that are found, each once and in order, wherever they are', async () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 40 });
    const ends = fc.tuple(fc.nat(400), fc.nat(400));
    await fc.assert(
      fc.asyncProperty(places, ends, async (changes, [one, other]) => {
        const span = { fromBlock: Math.min(one, other), toBlock: Math.max(one, other) };
        const { found } = await find(span, changes);
        const isWithin = (number: number) => number >= span.fromBlock && number <= span.toBlock;
        expect(found.every(isWithin)).toBe(true);
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
        expect(found).toEqual(expect.arrayContaining(changes.filter(isWithin)));
      }),
    );
  });

  it('are found among a million with as many questions as that has binary digits', async () => {
    const { found, asked } = await find(HUGE, [7, 777_777]);
    expect(found).toContain(777_777);
    expect(found.length).toBeLessThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(2 + 20);
  });

  it('are none where it is the same before and after, which takes two questions', async () => {
    expect(await find(HUGE, [7])).toEqual({ spans: [], found: [], asked: 2 });
  });

  it('are found behind the one that makes the contract, before which any may be one', async () => {
    const { found, asked } = await find(HUGE, [1012, 5678]);
    expect(found).toEqual(expect.arrayContaining([1000, 1011, 1012, 5678]));
    expect(found.length).toBeLessThanOrEqual(12 + 4 + 4);
    expect(asked).toBeLessThanOrEqual(2 + 2 * 20);
  });

  it('may be any of them where nobody tells what it is, of which nothing more is asked', async () => {
    const span = { fromBlock: 0, toBlock: 99 };
    expect(await find(span, [100])).toMatchObject({ spans: [span], asked: 1 });
  });

  it('may be any of a few, of which nothing is asked', async () => {
    const few = { fromBlock: 10, toBlock: 13 };
    expect(await find(few, [11])).toMatchObject({ spans: [few], asked: 0 });
  });

  it('cost a question for every other at most where each changes it', async () => {
    const every = Array.from({ length: 512 }, (_, i) => i);
    const { found, asked } = await find({ fromBlock: 0, toBlock: 511 }, every);
    expect(found).toEqual(every);
    expect(asked).toBeLessThanOrEqual(512 / 2);
  });
});
