import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bridge, RelayerError } from '../../../src/relayer/bridge.ts';
import { carry, type OpenQueue } from '../../../src/relayer/carry.ts';
import { requireLead } from '../../../src/relayer/lanes.ts';
import type { JobRef } from '../../../src/relayer/queue/job-queue.ts';
import { runJob } from '../../../src/relayer/run-job.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';

// Whose account it is stands in leases: test/integration/journal.test.ts. That two processes come to rest: test/property/chaos.test.ts.
vi.mock('../../../src/relayer/lanes.ts', () => ({
  laneOf: () => 'release one',
  mayRun: async () => true,
  requireLead: vi.fn(),
}));
vi.mock('../../../src/relayer/run-job.ts', () => ({ runJob: vi.fn() }));
vi.mock('../../../src/relayer/planner.ts', () => ({
  createPlanner: () => ({ wake: () => undefined, run: async () => undefined }),
}));
vi.mock('../../../src/relayer/say-alarms.ts', () => ({ sayAlarms: async () => undefined }));
vi.mock('../../../src/relayer/obey-retries.ts', () => ({ obeyRetries: async () => undefined }));

const JOB = { kind: 'release', id: '31337' } as unknown as JobRef;

/** What the queue is told to do with a job. */
async function workOf(): Promise<Parameters<OpenQueue>[0]['run']> {
  const bridge = {
    sides: [],
    vitals: new Vitals(),
    log: pino({ level: 'silent' }),
  } as unknown as Bridge;
  const work = Promise.withResolvers<Parameters<OpenQueue>[0]['run']>();
  await carry(bridge, async ({ run }) => {
    work.resolve(run);
    return { add: async () => undefined, close: async () => undefined } as never;
  });
  return await work.promise;
}

beforeEach(() => void vi.resetAllMocks());

describe('a job that comes out of the queue', () => {
  it('is done by the process that leads the account', async () => {
    const run = await workOf();
    await run(JOB);
    expect(vi.mocked(runJob).mock.lastCall?.[1]).toBe(JOB);
  });

  it('of another process’s account ends without having failed, which would make it wait for its next attempt', async () => {
    vi.mocked(requireLead).mockRejectedValue(
      new RelayerError('RELAYER_NOT_LEADING', 'another does'),
    );
    const run = await workOf();
    await expect(run(JOB)).resolves.toBeUndefined();
    expect(runJob).not.toHaveBeenCalled();
  });

  it('fails where it cannot be told whose the account is', async () => {
    vi.mocked(requireLead).mockRejectedValue(new Error('the journal is away'));
    const run = await workOf();
    await expect(run(JOB)).rejects.toThrow('the journal is away');
    expect(runJob).not.toHaveBeenCalled();
  });
});
