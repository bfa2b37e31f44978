import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { Bridge } from '../../../src/relayer/bridge.ts';
import { type Look, looksOf } from '../../../src/relayer/plan.ts';
import { createPlanner, type PlannerPatience } from '../../../src/relayer/planner.ts';
import type { JobRef } from '../../../src/relayer/queue/job-queue.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';

vi.mock('../../../src/relayer/plan.ts', () => ({ looksOf: vi.fn() }));
const plan = vi.fn<() => Promise<JobRef[]>>();

function start(
  add: (job: JobRef) => Promise<void>,
  others: Look[] = [],
  patience?: Partial<PlannerPatience>,
) {
  vi.mocked(looksOf).mockReturnValue([{ name: 'a place', find: plan }, ...others]);
  const abort = new AbortController();
  const log = pino({ level: 'silent' });
  const vitals = new Vitals();
  const bridge = { log, signal: abort.signal, vitals } as Partial<Bridge>;
  const planner = createPlanner(bridge as Bridge, add, patience);
  const running = planner.run();
  return {
    planner,
    vitals,
    alarms: () => vitals.alarms().filter(({ name }) => name === 'a look at a place'),
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}

describe('the planner', () => {
  it('looks once at the start, again at each piece of news, and stops at once', async () => {
    plan.mockReset().mockResolvedValue([{ kind: 'commit', id: '1' }]);
    const added: JobRef[] = [];
    const { planner, stop } = start(async (job) => void added.push(job));
    await vi.waitFor(() => expect(added).toHaveLength(1));
    planner.wake();
    await vi.waitFor(() => expect(added).toHaveLength(2));
    await stop();
  });

  it('looks again if there was news while it looked', async () => {
    let finish: (jobs: JobRef[]) => void = () => undefined;
    plan.mockReset().mockResolvedValue([]);
    plan.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
    const { planner, stop } = start(async () => undefined);
    await vi.waitFor(() => expect(plan).toHaveBeenCalledTimes(1));
    planner.wake();
    planner.wake();
    finish([]);
    await vi.waitFor(() => expect(plan).toHaveBeenCalledTimes(2));
    await stop();
    expect(plan).toHaveBeenCalledTimes(2);
  });

  it('looks once at what comes all at once, and without news every two seconds', async () => {
    vi.useFakeTimers();
    try {
      plan.mockReset().mockResolvedValue([]);
      const { planner, stop } = start(async () => undefined);
      await vi.advanceTimersByTimeAsync(0);
      for (let news = 0; news < 4; news++) {
        planner.wake();
        await vi.advanceTimersByTimeAsync(10);
      }
      expect(plan).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(10);
      expect(plan).toHaveBeenCalledTimes(2);
      await vi.advanceTimersByTimeAsync(1990);
      expect(plan).toHaveBeenCalledTimes(2);
      await vi.advanceTimersByTimeAsync(10);
      expect(plan).toHaveBeenCalledTimes(3);
      await stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('goes on after a look that failed', async () => {
    plan.mockReset().mockRejectedValueOnce(new Error('no answer')).mockResolvedValue([]);
    const { planner, stop } = start(async () => undefined);
    await vi.waitFor(() => expect(plan).toHaveBeenCalledTimes(1));
    planner.wake();
    await vi.waitFor(() => expect(plan).toHaveBeenCalledTimes(2));
    await stop();
  });

  it.each([
    ['a place cannot be looked at', [new Error('no answer')], undefined],
    ['the queue takes nothing', [], new Error('OOM command not allowed')],
  ])('makes an alarm of it when %s for long, until that is over', async (_, [ofLook], ofQueue) => {
    const job = { kind: 'commit', id: '1' } as const;
    let isOver = false;
    plan.mockReset().mockImplementation(async () => {
      if (ofLook !== undefined && !isOver) throw ofLook;
      return [job];
    });
    const add = async () => {
      if (ofQueue !== undefined && !isOver) throw ofQueue;
    };
    const { planner, alarms, stop } = start(add, [], { blindMs: 50 });
    const lookAgain = async () => {
      planner.wake();
      return alarms();
    };
    expect(alarms()).toEqual([]);
    await vi.waitFor(async () => {
      expect(await lookAgain()).toMatchObject([{ code: 'RELAYER_UNEXPECTED' }]);
    });
    isOver = true;
    await vi.waitFor(async () => expect(await lookAgain()).toEqual([]));
    await stop();
  });

  it('waits by name for a queue that does not answer, makes an alarm of it, and goes on once it does', async () => {
    plan.mockReset().mockResolvedValue([{ kind: 'commit', id: '1' }]);
    let isAway = true;
    const add = () => (isAway ? new Promise<never>(() => undefined) : Promise.resolve());
    const { planner, vitals, alarms, stop } = start(add, [], { lookMs: 100, blindMs: 50 });
    const waited = () => vitals.waits().map(({ name }) => name);
    await vi.waitFor(() => expect(waited()).toContain('the queue to take a job commit'));
    await vi.waitFor(() => {
      planner.wake();
      expect(alarms()).toMatchObject([{ code: 'RELAYER_WAIT_LATE' }]);
    });
    isAway = false;
    await vi.waitFor(() => {
      planner.wake();
      expect(alarms()).toEqual([]);
    });
    await stop();
  });

  it('goes on at each place while it waits for an answer at another, and stops without it', async () => {
    plan.mockReset().mockResolvedValue([{ kind: 'commit', id: '1' }]);
    const hanging = { name: 'a dead node', find: () => new Promise<never>(() => undefined) };
    const added: JobRef[] = [];
    const { planner, stop } = start(async (job) => void added.push(job), [hanging]);
    await vi.waitFor(() => expect(added).toHaveLength(1));
    planner.wake();
    await vi.waitFor(() => expect(added).toHaveLength(2));
    await stop();
  });
});
