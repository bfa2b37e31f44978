import { beforeEach, describe, expect, it } from 'vitest';
import type { ContractLog } from '../../../../src/chains/shared/bridged-chain.ts';
import type { Side } from '../../../../src/relayer/bridge.ts';
import {
  beyondRecorded,
  forgetRecorded,
  noteRecorded,
} from '../../../../src/relayer/watch/recorded-logs.ts';

/** A log of a block; blocks of a fork hash to something else. */
function log(blockNumber: number, logIndex = 0, fork = ''): ContractLog {
  return { blockNumber, blockHash: `0x${blockNumber}${fork}`, logIndex } as unknown as ContractLog;
}

const span = (fromBlock: number, toBlock: number) => ({ fromBlock, toBlock });

describe('what is new of blocks that are not final', () => {
  let side: Side;
  const fresh = (from: number, to: number, logs: ContractLog[]) =>
    beyondRecorded(side, { span: span(from, to), logs });
  beforeEach(() => {
    side = {} as Side;
    noteRecorded(side, { span: span(1, 5), logs: [log(2), log(4), log(4, 1)] });
  });

  it('is what blocks behind the last show, while those before show what they did', () => {
    const all = [log(2), log(4), log(4, 1), log(6)];
    expect(fresh(1, 7, all)).toEqual({ span: span(6, 7), logs: [log(6)] });
  });

  it('does not hang on blocks that have become final', () => {
    const all = [log(4), log(4, 1), log(6)];
    expect(fresh(3, 6, all)).toEqual({ span: span(6, 6), logs: [log(6)] });
    expect(fresh(9, 10, [log(10)])).toEqual({ span: span(9, 10), logs: [log(10)] });
  });

  it.each([
    ['has replaced a block', [log(2), log(4, 0, 'f'), log(4, 1, 'f'), log(6)]],
    ['shows less than before', [log(2), log(4), log(6)]],
    ['shows more than before', [log(2), log(3), log(4), log(4, 1), log(6)]],
  ])('is everything once a fork %s', (_, all) => {
    expect(fresh(1, 6, all)).toEqual({ span: span(1, 6), logs: all });
  });

  it('is everything at a head that is no higher, of a chain that nothing is known of, and after the journal has forgotten', () => {
    const all = [log(2), log(4), log(4, 1)];
    expect(fresh(1, 5, all).span).toEqual(span(1, 5));
    expect(beyondRecorded({} as Side, { span: span(1, 6), logs: all }).span).toEqual(span(1, 6));
    forgetRecorded(side);
    expect(fresh(1, 6, all).span).toEqual(span(1, 6));
  });
});
