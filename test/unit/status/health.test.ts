import { describe, expect, it } from 'vitest';
import { type Check, lookAtHealth } from '../../../src/status/health.ts';
import { keep } from '../../../src/status/kept.ts';

const fine: Check = { name: 'journal', run: async () => [] };

describe('readiness', () => {
  const waits = () => [{ name: 'a look', forMs: 12.7, deadlineMs: 100 }];

  it('is there when nothing fails, and tells what is awaited', async () => {
    expect(await lookAtHealth({ checks: [fine], waits })).toEqual({
      isReady: true,
      failing: [],
      waits: [{ name: 'a look', forMs: 13, deadlineMs: 100 }],
    });
  });

  it('names all that fails, throws or does not answer', async () => {
    const wrong: Check = { name: 'lanes', run: async () => ['watch a has halted', 'b fails'] };
    const away: Check = { name: 'queue', run: () => Promise.reject(new Error('secret: 0x1234')) };
    const mute: Check = { name: 'enclaves', run: () => new Promise(() => undefined) };
    const checks = [fine, wrong, away, mute];
    const { isReady, failing } = await lookAtHealth({ checks, waits, checkMs: 10 });
    expect(isReady).toBe(false);
    expect(failing.map(({ check, what }) => `${check}: ${what}`)).toEqual([
      'lanes: watch a has halted',
      'lanes: b fails',
      'queue: fails',
      'enclaves: no answer in 10 ms',
    ]);
  });
});

describe('what is kept', () => {
  it('is fetched once for all who ask at a time, and again when it is old', async () => {
    let [fetched, nowMs] = [0, 0];
    const kept = keep(
      10,
      async () => ++fetched,
      () => nowMs,
    );
    expect(await Promise.all([kept.get(), kept.get()])).toEqual([1, 1]);
    nowMs = 10;
    expect(await kept.get()).toBe(2);
  });

  it('is never a failure', async () => {
    let fetched = 0;
    const kept = keep(10, async () => {
      fetched += 1;
      if (fetched === 1) throw new Error('away');
      return fetched;
    });
    await expect(kept.get()).rejects.toThrow('away');
    expect(await kept.get()).toBe(2);
  });
});
