import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createNudge } from '../../../../src/relayer/watch/nudge.ts';

const BOUNDS = { leastMs: 50, mostMs: 500 };

describe('a pause between two looks', () => {
  const { signal } = new AbortController();
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** How long a pause lasts in which something happens at these times. */
  const lasts = async (nudge: ReturnType<typeof createNudge>, ...atMs: readonly number[]) => {
    const startedMs = Date.now();
    for (const ms of atMs) setTimeout(nudge.wake, ms);
    const pausing = nudge.pause(BOUNDS, signal).then(() => Date.now() - startedMs);
    await vi.advanceTimersByTimeAsync(1000);
    return await pausing;
  };

  it('lasts its most where nothing happens', async () => {
    expect(await lasts(createNudge())).toBe(500);
  });

  it('ends when something happens, and not before its least', async () => {
    expect(await lasts(createNudge(), 120)).toBe(120);
    expect(await lasts(createNudge(), 10, 20)).toBe(50);
  });

  it('ends at its least if something has happened since the last one, which counts once', async () => {
    const nudge = createNudge();
    nudge.wake();
    expect(await lasts(nudge)).toBe(50);
    expect(await lasts(nudge)).toBe(500);
  });

  it('ends with the relayer, and does not begin after it', async () => {
    const nudge = createNudge();
    const stopping = new AbortController();
    const pausing = nudge.pause(BOUNDS, stopping.signal);
    stopping.abort();
    await pausing;
    await nudge.pause(BOUNDS, stopping.signal);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says whether something has happened', async () => {
    const nudge = createNudge();
    const pausing = async () => {
      const ended = nudge.pause(BOUNDS, signal);
      await vi.advanceTimersByTimeAsync(1000);
      return await ended;
    };
    expect(await pausing()).toBe(false);
    nudge.wake();
    expect(await pausing()).toBe(true);
    expect(await pausing()).toBe(false);
  });
});
