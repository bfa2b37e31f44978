import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { Bridge, Side } from '../../../../src/relayer/bridge.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import { recordHead } from '../../../../src/relayer/watch/record-chain.ts';
import { watchHeads } from '../../../../src/relayer/watch/watch-heads.ts';

// What is recorded is in test/integration/relayer-recording.test.ts.
vi.mock('../../../../src/relayer/watch/record-chain.ts', () => ({
  recordFinal: vi.fn(),
  recordHead: vi.fn(),
}));
vi.mock('../../../../src/relayer/watch/date-releases.ts', () => ({
  createReleaseDater: () => async () => undefined,
}));
vi.mock('../../../../src/relayer/submit/settle-submissions.ts', () => ({
  followSubmissions: vi.fn(),
}));
vi.mock('../../../../src/relayer/lanes.ts', () => ({ mayRun: async () => true }));

const FINAL = { number: 1, hash: '0x01' } as const;

/** A chain that is watched, at block 7, and a node of it that can tell of new blocks. */
function watch(pollMs: number) {
  const stopping = new AbortController();
  const head = vi.fn(async () => ({ number: 7, hash: '0x07' as const }));
  let tell: () => void = () => undefined;
  const onHead = (listener: () => void) => {
    tell = listener;
  };
  const chain = { name: 'x', head, onHead, finalizedHead: async () => FINAL };
  const bridge = {
    pollMs,
    vitals: new Vitals(),
    log: pino({ level: 'silent' }),
    signal: stopping.signal,
  } as unknown as Bridge;
  const onNews = vi.fn();
  const watching = watchHeads(bridge, { chain } as unknown as Side, onNews);
  const stop = async () => {
    stopping.abort();
    await watching;
  };
  return { head, onNews, tell: () => tell(), stop };
}

describe('a chain that is watched', () => {
  it('is looked at when a node tells of a block, and believed what it then answers', async () => {
    const { head, onNews, tell, stop } = watch(600_000);
    await expect.poll(() => onNews.mock.calls.length).toBe(1);
    // There is none: nothing is new, however often it is told of.
    tell();
    await expect.poll(() => head.mock.calls.length).toBe(2);
    for (let i = 0; i < 1000; i++) tell();
    await expect.poll(() => head.mock.calls.length).toBe(3);
    expect(onNews).toHaveBeenCalledTimes(1);
    head.mockResolvedValue({ number: 8, hash: '0x08' as never });
    tell();
    await expect.poll(() => onNews.mock.calls.length).toBe(2);
    expect(vi.mocked(recordHead).mock.lastCall?.[2]).toMatchObject({ head: { number: 8 } });
    await stop();
  });

  it('is asked less often while a node tells of every block, and as often as ever after one of which it did not', async () => {
    vi.useFakeTimers();
    const { head, tell, stop } = watch(500);
    const looksIn = async (ms: number) => {
      const before = head.mock.calls.length;
      await vi.advanceTimersByTimeAsync(ms);
      return head.mock.calls.length - before;
    };
    await looksIn(100);
    expect(await looksIn(8000)).toBe(16);
    head.mockResolvedValue({ number: 8, hash: '0x08' as never });
    tell();
    await looksIn(60);
    expect(await looksIn(8000)).toBe(2);
    head.mockResolvedValue({ number: 9, hash: '0x09' as never });
    await looksIn(4000);
    expect(await looksIn(8000)).toBe(16);
    await stop();
    vi.useRealTimers();
  });
});
