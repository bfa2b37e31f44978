import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atMost } from '../../../../src/chains/shared/at-most.ts';

const never = new Promise<never>(() => undefined);

describe('work that is waited for at most so long', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('comes to what it comes to in time, good or bad, and leaves no timer', async () => {
    const late = vi.fn();
    expect(await atMost(100, Promise.resolve('done'), late)).toBe('done');
    await expect(atMost(100, Promise.reject(new Error('no')), late)).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
    expect(late).not.toHaveBeenCalled();
  });

  it('comes to what is said of what is late, when it is', async () => {
    const said = vi.fn();
    void atMost(100, never, () => 'late').then(said);
    await vi.advanceTimersByTimeAsync(99);
    expect(said).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(said).toHaveBeenCalledWith('late');
  });

  it('fails with what is thrown then', async () => {
    const refuse = () => {
      throw new Error('too late');
    };
    const refused = expect(atMost(100, never, refuse)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(100);
    await refused;
  });
});
