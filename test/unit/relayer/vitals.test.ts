import type { Logger } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EnclaveLine, RelayerError } from '../../../src/relayer/bridge.ts';
import { sayAlarms } from '../../../src/relayer/say-alarms.ts';
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
    const vitals = new Vitals({ nowMs: () => Date.now() });
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

  it('shows what has a deadline of its own, and leaves its end to that, after a stop too', async () => {
    const stopping = new AbortController();
    const vitals = new Vitals({ nowMs: () => Date.now(), signal: stopping.signal });
    const { promise: work, resolve: finish } = Promise.withResolvers<string>();
    const shown = vitals.show('a statement', 100, () => work);
    await vi.advanceTimersByTimeAsync(140);
    stopping.abort(new Error('stopping'));
    expect(vitals.waits()).toEqual([{ name: 'a statement', forMs: 140, deadlineMs: 100 }]);
    finish('written');
    expect(await shown).toBe('written');
    expect(vitals.waits()).toEqual([]);
    expect(await vitals.show('another', 100, async () => 'written')).toBe('written');
  });

  it('says how each lane stands', async () => {
    const vitals = new Vitals({ nowMs: () => Date.now() });
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

  it('makes an alarm of a lane that has failed for five minutes, and ends it when the lane works', async () => {
    const vitals = new Vitals({ nowMs: () => Date.now() });
    const fail = () =>
      asyncRefusal(
        vitals.lane('watch ethereum', () =>
          Promise.reject(new RelayerError('RELAYER_COMMIT_UNSEEN', 'it is not there')),
        ),
      );
    await fail();
    await vi.advanceTimersByTimeAsync(299_000);
    await fail();
    expect(vitals.alarms()).toEqual([]);
    await vi.advanceTimersByTimeAsync(3000);
    expect(vitals.alarms()).toEqual([
      {
        name: 'watch ethereum',
        code: 'RELAYER_COMMIT_UNSEEN',
        sinceMs: 2000,
        sentence: expect.stringContaining('docs/errors.md#relayer_commit_unseen'),
      },
    ]);
    await vitals.lane('watch ethereum', async () => undefined);
    expect(vitals.alarms()).toEqual([]);
  });

  it('makes no alarm of a lane whose work nobody wants any more, for another relayer may have done it', async () => {
    const vitals = new Vitals({ nowMs: () => Date.now() });
    vitals.noteFailure('release ethereum', new RelayerError('RELAYER_COMMIT_UNSEEN', 'so'));
    await vi.advanceTimersByTimeAsync(400_000);
    expect(vitals.alarms()).toEqual([]);
    // It is wanted, and still fails.
    vitals.noteFailure('release ethereum', new RelayerError('RELAYER_COMMIT_UNSEEN', 'so'));
    expect(vitals.alarms()).toMatchObject([{ name: 'release ethereum' }]);
    await vi.advanceTimersByTimeAsync(400_000);
    void vitals.lane('release ethereum', never);
    expect(vitals.alarms()).toMatchObject([{ name: 'release ethereum' }]);
  });

  it('makes an alarm of a halt at once', async () => {
    const vitals = new Vitals();
    await asyncRefusal(
      vitals.lane('commit', () =>
        Promise.reject(new RelayerError('RELAYER_STATE_DIVERGED', 'two states')),
      ),
    );
    expect(vitals.alarms()).toMatchObject([{ name: 'commit', code: 'RELAYER_STATE_DIVERGED' }]);
  });

  it('says nothing of an alarm that is to be waited with, nor of one that is over by then', async () => {
    const vitals = new Vitals({ nowMs: () => Date.now() });
    const alarm = { code: 'CHAIN_STALLED', sentence: 'no block', patienceMs: 1000 };
    vitals.alarm('a look', alarm);
    await vi.advanceTimersByTimeAsync(999);
    vitals.alarm('a look', alarm);
    expect(vitals.alarms()).toEqual([]);
    await vi.advanceTimersByTimeAsync(3);
    expect(vitals.alarms()).toMatchObject([{ name: 'a look', sinceMs: 2 }]);
    vitals.clear('a look');
    vitals.alarm('a look', alarm);
    expect(vitals.alarms()).toEqual([]);
  });

  it('keeps an alarm that was raised until it is cleared, since it was first raised', async () => {
    const vitals = new Vitals({ nowMs: () => Date.now() });
    const alarm = { code: 'CHAIN_STALLED', sentence: 'no block for an hour' };
    vitals.alarm('blocks of ethereum', alarm);
    await vi.advanceTimersByTimeAsync(500);
    vitals.alarm('blocks of ethereum', alarm);
    expect(vitals.alarms()).toEqual([{ name: 'blocks of ethereum', ...alarm, sinceMs: 500 }]);
    vitals.clear('blocks of ethereum');
    expect(vitals.alarms()).toEqual([]);
  });

  it('says each alarm once in the log, and once that it is over', async () => {
    vi.useRealTimers();
    const vitals = new Vitals();
    const stop = new AbortController();
    const lines: string[] = [];
    const write = (_: object, line: string) => void lines.push(line);
    const log = { error: write, info: write } as unknown as Logger;
    const enclaves = [{ name: 'enclave-1' } as EnclaveLine] as const;
    const saying = sayAlarms({ vitals, enclaves, log, signal: stop.signal }, 1);
    const alarm = 'ALARM: balance of ethereum: it is low';
    vitals.alarm('balance of ethereum', { code: 'X', sentence: 'it is low' });
    await expect.poll(() => lines).toEqual([alarm]);
    vitals.clear('balance of ethereum');
    await expect.poll(() => lines).toEqual([alarm, 'the alarm is over: balance of ethereum']);
    stop.abort();
    await saying;
  });
});
