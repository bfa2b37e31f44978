import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { Bridge } from '../../src/relayer/bridge.ts';
import { looksOf } from '../../src/relayer/plan.ts';
import { createPlanner } from '../../src/relayer/planner.ts';
import { createJobQueue, type JobRef } from '../../src/relayer/queue/job-queue.ts';
import { openRedisStore } from '../../src/relayer/queue/job-store.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';

vi.mock('../../src/relayer/plan.ts', () => ({ looksOf: vi.fn() }));

const redisUrl = process.env['REDIS_URL'];
const POLL = { timeout: 20_000, interval: 20 };

describe.skipIf(redisUrl === undefined)('a planner whose Redis goes away', () => {
  it('makes an alarm of it, and has the work done once it is back', async () => {
    const { hostname, port } = new URL(redisUrl ?? '');
    const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
    const runs: string[] = [];
    const store = await openRedisStore(`redis://${proxy.address}`, () => undefined);
    const queue = await createJobQueue({
      store,
      run: async ({ id }) => void runs.push(id),
      onFailure: () => undefined,
    });
    let work: JobRef[] = [];
    vi.mocked(looksOf).mockReturnValue([{ name: 'a place', find: async () => work }]);
    const stopping = new AbortController();
    const vitals = new Vitals();
    const bridge = { log: pino({ level: 'silent' }), signal: stopping.signal, vitals };
    const patience = { lookMs: 200, blindMs: 500 };
    const planner = createPlanner(bridge as Partial<Bridge> as Bridge, queue.add, patience);
    const running = planner.run();
    const alarms = () => {
      planner.wake();
      return vitals.alarms().filter(({ name }) => name === 'a look at a place');
    };

    await proxy.set('refuse');
    proxy.cut();
    work = [{ kind: 'prove', id: 'while-away' }];
    await expect.poll(alarms, POLL).toMatchObject([{ code: 'RELAYER_WAIT_LATE' }]);
    expect(runs).toEqual([]);
    await proxy.set('pass');
    await expect.poll(() => runs, POLL).toContain('while-away');
    await expect.poll(alarms, POLL).toEqual([]);

    stopping.abort();
    await running;
    await queue.close();
    await store.close();
    await proxy.close();
  });
});
