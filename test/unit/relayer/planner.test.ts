import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { Bridge } from '../../../src/relayer/bridge.ts';
import { type Look, looksOf } from '../../../src/relayer/plan.ts';
import { createPlanner } from '../../../src/relayer/planner.ts';
import type { JobRef } from '../../../src/relayer/queue/job-queue.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';

vi.mock('../../../src/relayer/plan.ts', () => ({ looksOf: vi.fn() }));
const plan = vi.fn<() => Promise<JobRef[]>>();

function start(add: (job: JobRef) => Promise<void>, others: Look[] = []) {
  vi.mocked(looksOf).mockReturnValue([{ name: 'a place', find: plan }, ...others]);
  const abort = new AbortController();
  const log = pino({ level: 'silent' });
  const bridge = { log, signal: abort.signal, vitals: new Vitals() } as Partial<Bridge>;
  const planner = createPlanner(bridge as Bridge, add);
  const running = planner.run();
  return {
    planner,
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

  it('goes on after a look that failed', async () => {
    plan.mockReset().mockRejectedValueOnce(new Error('no answer')).mockResolvedValue([]);
    const { planner, stop } = start(async () => undefined);
    await vi.waitFor(() => expect(plan).toHaveBeenCalledTimes(1));
    planner.wake();
    await vi.waitFor(() => expect(plan).toHaveBeenCalledTimes(2));
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
