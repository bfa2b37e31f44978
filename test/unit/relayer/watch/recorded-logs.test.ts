import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlockRef, ContractLog } from '../../../../src/chains/shared/bridged-chain.ts';
import type { Side } from '../../../../src/relayer/bridge.ts';
import {
  beyondRecorded,
  firstToRead,
  forgetRecorded,
  noteRecorded,
} from '../../../../src/relayer/watch/recorded-logs.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

/** A log of a block; blocks of a fork hash to something else. */
function log(blockNumber: number, logIndex = 0, fork = ''): ContractLog {
  return { blockNumber, blockHash: `0x${blockNumber}${fork}`, logIndex } as unknown as ContractLog;
}

const span = (fromBlock: number, toBlock: number) => ({ fromBlock, toBlock });
const ref = (number: number): BlockRef => ({ number, hash: `0x${number}` });

describe('blocks that are not final', () => {
  let side: Side;
  let hashAt: (blockNumber: number) => Promise<Hex | undefined>;
  beforeEach(() => {
    hashAt = vi.fn(async (blockNumber) => ref(blockNumber).hash);
    side = { chain: { hashAt: (at: number) => hashAt(at) } } as unknown as Side;
    noteRecorded(side, ref(5), [log(2), log(4), log(5)]);
  });

  it('are read from the last that was read before', async () => {
    expect(await firstToRead(side, span(1, 6))).toBe(5);
    noteRecorded(side, ref(6), [log(5)]);
    expect(await firstToRead(side, span(1, 9))).toBe(6);
  });

  it('are all read where all are new', async () => {
    expect(await firstToRead(side, span(5, 6))).toBe(5);
    expect(await firstToRead(side, span(8, 9))).toBe(8);
    expect(hashAt).not.toHaveBeenCalled();
  });

  it.each([
    ['another block is there now', '0xf5'],
    ['no block is there that the node knows', undefined],
  ] as const)('are all read again if %s', async (_, hash) => {
    hashAt = async () => hash;
    expect(await firstToRead(side, span(1, 6))).toBe(1);
  });

  it('are all read at a head that is no higher, of a chain of which nothing is known, and after the journal has forgotten', async () => {
    expect(await firstToRead(side, span(1, 5))).toBe(1);
    expect(await firstToRead({} as Side, span(1, 6))).toBe(1);
    forgetRecorded(side);
    expect(await firstToRead(side, span(1, 6))).toBe(1);
  });
});

describe('what is new of blocks that are not final', () => {
  let side: Side;
  const fresh = (from: number, to: number, logs: ContractLog[]) =>
    beyondRecorded(side, { span: span(from, to), logs });
  beforeEach(() => {
    side = {} as Side;
    noteRecorded(side, ref(5), [log(2), log(5), log(5, 1)]);
  });

  it('is what blocks behind the last show, while that shows what it did', () => {
    const all = [log(5), log(5, 1), log(6)];
    expect(fresh(5, 7, all)).toEqual({ span: span(6, 7), logs: [log(6)] });
  });

  it('is everything once the last has become final', () => {
    expect(fresh(6, 7, [log(6)])).toEqual({ span: span(6, 7), logs: [log(6)] });
    expect(fresh(9, 10, [log(10)])).toEqual({ span: span(9, 10), logs: [log(10)] });
  });

  it.each([
    ['is another block now', [log(5, 0, 'f'), log(5, 1, 'f'), log(6)]],
    ['shows less than before', [log(5), log(6)]],
    ['shows more than before', [log(5), log(5, 1), log(5, 2), log(6)]],
  ])('is everything if the last %s', (_, all) => {
    expect(fresh(5, 6, all)).toEqual({ span: span(5, 6), logs: all });
  });

  it('is everything if older blocks are read again, which a fork has replaced', () => {
    const all = [log(4), log(5), log(5, 1), log(6)];
    expect(fresh(1, 6, all)).toEqual({ span: span(1, 6), logs: all });
  });

  it('is everything at a head that is no higher, of a chain that nothing is known of, and after the journal has forgotten', () => {
    const all = [log(5), log(5, 1)];
    expect(fresh(5, 5, all).span).toEqual(span(5, 5));
    expect(beyondRecorded({} as Side, { span: span(5, 6), logs: all }).span).toEqual(span(5, 6));
    forgetRecorded(side);
    expect(fresh(5, 6, all).span).toEqual(span(5, 6));
  });
});
