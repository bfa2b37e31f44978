import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RelayerError } from '../../../../src/relayer/bridge.ts';
import { gather } from '../../../../src/relayer/quorum/gather.ts';

const NEVER = () => new Promise<never>(() => undefined);
const after = (ms: number) => async (value: string) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return value;
};

describe('answers of several', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Answers so many milliseconds after the question; `undefined` for never. */
  async function ask(delays: readonly (number | undefined)[], needed: number) {
    const stopped: number[] = [];
    const sinceMs = Date.now();
    const answers = gather(
      [...delays.keys()],
      (i, signal) => {
        signal.addEventListener('abort', () => stopped.push(i));
        const ms = delays[i];
        return ms === undefined ? NEVER() : after(ms)(`${i}`);
      },
      { isEnough: ({ length }) => length >= needed, onFailure: () => undefined },
    );
    let tookMs = -1;
    void answers.then(() => {
      tookMs = Date.now() - sinceMs;
    });
    await vi.runAllTimersAsync();
    return { answers: await answers, tookMs, stopped };
  }

  it('are all, if nobody is much slower than the others', async () => {
    const { answers } = await ask([4000, 2000, 3000], 2);
    expect(answers).toEqual(['1', '2', '0']);
  });

  it('are enough without who hangs, who is told to stop', async () => {
    const { answers, tookMs, stopped } = await ask([undefined, 2000, 3000], 2);
    expect(answers).toEqual(['1', '2']);
    expect(tookMs).toBe(6000);
    expect(stopped).toContain(0);
  });

  it('give the slow a moment even where others are quick', async () => {
    expect((await ask([499, 0], 1)).answers).toEqual(['1', '0']);
    expect((await ask([600, 0], 1)).answers).toEqual(['1']);
  });

  it('are those that came, if some fail, and the failure that may pass if all do', async () => {
    const halting = new RelayerError('RELAYER_STATE_DIVERGED', 'it is another');
    const passing = new RelayerError('RELAYER_COMMIT_UNSEEN', 'it is not there');
    const failures = [halting, passing] as const;
    const heard: unknown[] = [];
    const options = {
      isEnough: () => false,
      onFailure: (_: unknown, error: unknown) => void heard.push(error),
    };
    const asked = gather(failures, (failure) => Promise.reject(failure), options);
    await expect(asked).rejects.toBe(passing);
    expect(heard).toEqual(failures);
    const some = gather(
      [halting, 'an answer'],
      async (one) => {
        if (one === halting) throw one;
        return one;
      },
      options,
    );
    await vi.runAllTimersAsync();
    expect(await some).toEqual(['an answer']);
  });
});
