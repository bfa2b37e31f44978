import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { within } from '../../../src/relayer/within.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';

describe('a look at what may not answer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is over when its time is', async () => {
    const never = asyncRefusal(within(100, new Promise(() => undefined)));
    await vi.advanceTimersByTimeAsync(100);
    expect(await never).toMatchObject({ code: 'RELAYER_LOOK_LATE', disposition: 'retry' });
  });

  it('gives what it sees before, good or bad, and waits for nothing more', async () => {
    expect(await within(100, Promise.resolve('seen'))).toBe('seen');
    await expect(within(100, Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(vi.getTimerCount()).toBe(0);
  });
});
