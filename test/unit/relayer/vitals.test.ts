import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RelayerError } from '../../../src/relayer/bridge.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';

const never = () => new Promise<never>(() => undefined);

describe('what the relayer is doing', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('says what is awaited, since when and until when, and stops waiting then', async () => {
    const vitals = new Vitals(() => Date.now());
    let aborted: AbortSignal | undefined;
    const late = asyncRefusal(
      vitals.wait('status of enclave 1', 100, (signal) => {
        aborted = signal;
        return never();
      }),
    );
    await vi.advanceTimersByTimeAsync(40);
    expect(vitals.waits()).toEqual([{ name: 'status of enclave 1', forMs: 40, deadlineMs: 100 }]);
    await vi.advanceTimersByTimeAsync(60);
    expect(await late).toMatchObject({
      code: 'RELAYER_WAIT_LATE',
      disposition: 'retry',
      meta: { waitedFor: 'status of enclave 1', deadlineMs: 100 },
    });
    expect(aborted?.aborted).toBe(true);
    expect(vitals.waits()).toEqual([]);
  });

  it('gives what comes in time, good or bad, and waits for nothing more', async () => {
    const vitals = new Vitals();
    expect(await vitals.wait('a', 100, async () => 'seen')).toBe('seen');
    const gone = vitals.wait('b', 100, () => Promise.reject(new Error('gone')));
    await expect(gone).rejects.toThrow('gone');
    expect(vi.getTimerCount()).toBe(0);
    expect(vitals.waits()).toEqual([]);
  });

  it('says how each lane stands', async () => {
    const vitals = new Vitals(() => Date.now());
    const fail = (error: Error) => async () => {
      throw error;
    };
    await vitals.lane('watch ethereum', async () => undefined);
    await expect(vitals.lane('commit', fail(new TypeError('a bug')))).rejects.toThrow('a bug');
    await asyncRefusal(
      vitals.lane('reveal polkadot', fail(new RelayerError('RELAYER_STATE_DIVERGED', 'so'))),
    );
    const working = vitals.lane('release ethereum', never);
    await vi.advanceTimersByTimeAsync(7);
    const names = { failures: 0, failedWith: undefined, sinceDoneMs: undefined };
    expect(vitals.lanes()).toEqual([
      { ...names, name: 'commit', state: 'failing', failures: 1, failedWith: 'RELAYER_UNEXPECTED' },
      { ...names, name: 'release ethereum', state: 'working' },
      {
        ...names,
        name: 'reveal polkadot',
        state: 'halted',
        failures: 1,
        failedWith: 'RELAYER_STATE_DIVERGED',
      },
      { ...names, name: 'watch ethereum', state: 'resting', sinceDoneMs: 7 },
    ]);
    expect(vitals.isHalted('reveal polkadot')).toBe(true);
    expect(vitals.isHalted('commit')).toBe(false);
    void working;
  });

  it('forgets failures once the work is done', async () => {
    const vitals = new Vitals();
    const failing = vitals.lane('commit', () => Promise.reject(new Error('once')));
    await expect(failing).rejects.toThrow('once');
    await vitals.lane('commit', async () => undefined);
    expect(vitals.lanes()).toMatchObject([{ name: 'commit', state: 'resting', failures: 0 }]);
  });
});
