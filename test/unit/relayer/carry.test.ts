import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bridge, RelayerError } from '../../../src/relayer/bridge.ts';
import { carry, type OpenQueue } from '../../../src/relayer/carry.ts';
import { mayRun, requireLead } from '../../../src/relayer/lanes.ts';
import { createPlanner } from '../../../src/relayer/planner.ts';
import type { JobRef } from '../../../src/relayer/queue/job-queue.ts';
import { runJob } from '../../../src/relayer/run-job.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';

// Whose account it is stands in leases: test/integration/journal.test.ts. That two processes come to rest: test/property/chaos.test.ts.
vi.mock('../../../src/relayer/lanes.ts', () => ({
  laneOf: () => 'release one',
  mayRun: vi.fn(),
  requireLead: vi.fn(),
}));
vi.mock('../../../src/relayer/run-job.ts', () => ({ runJob: vi.fn() }));
vi.mock('../../../src/relayer/planner.ts', () => ({ createPlanner: vi.fn() }));
vi.mock('../../../src/relayer/say-alarms.ts', () => ({ sayAlarms: async () => undefined }));
vi.mock('../../../src/relayer/obey-retries.ts', () => ({ obeyRetries: async () => undefined }));

const JOB = { kind: 'release', id: '31337' } as unknown as JobRef;

/** Lanes at work: what the queue is told to do with a job, and what the planner does with one that it finds. */
async function start(close: () => Promise<void> = async () => undefined) {
  const vitals = new Vitals();
  const lines: string[] = [];
  const log = pino({ level: 'fatal' }, { write: (line) => lines.push(JSON.parse(line).msg) });
  const stopping = new AbortController();
  const { signal } = stopping;
  const bridge = { sides: [], vitals, log, signal } as unknown as Bridge;
  const added: JobRef[] = [];
  let work: Parameters<OpenQueue>[0] | undefined;
  await carry(bridge, async (given) => {
    work = given;
    const add = async (job: JobRef) => void added.push(job);
    return { add, close } as never;
  });
  const find = vi.mocked(createPlanner).mock.lastCall?.[1];
  if (work === undefined || find === undefined) throw new Error('carry has begun nothing');
  const { run, onFailure } = work;
  return { run, onFailure, find, added, vitals, lines, stop: () => stopping.abort() };
}

beforeEach(() => {
  vi.resetAllMocks();
  vi.spyOn(Math, 'random').mockReturnValue(0.005);
  vi.mocked(mayRun).mockResolvedValue(true);
  const planner = { wake: () => undefined, run: async () => undefined };
  vi.mocked(createPlanner).mockReturnValue(planner);
});

it('comes to its end although the queue does not answer any more', async () => {
  const close = vi.fn(() => Promise.reject(new Error('Connection is closed.')));
  await start(close);
  expect(close).toHaveBeenCalledOnce();
});

it('says of a lane that has halted how it goes on, without a restart', async () => {
  const { onFailure, lines } = await start();
  const error = new RelayerError('RELAYER_STATE_DIVERGED', 'another ledger');
  expect(error.disposition).toBe('halt');
  onFailure(JOB, error, true);
  expect(lines).toEqual([
    'lane "release one" is HALTED; see the error, and then `veilspan relayer retry release one`',
  ]);
});

describe('a job that is found', () => {
  it('is added to the queue, whatever an operator holds: that is asked once, when it comes out', async () => {
    const { find, added } = await start();
    await find(JOB);
    expect(added).toEqual([JOB]);
    expect(mayRun).not.toHaveBeenCalled();
  });

  it('is not added where its lane has halted, or the account is another process’s', async () => {
    const { find, added, vitals } = await start();
    vi.mocked(requireLead).mockRejectedValueOnce(
      new RelayerError('RELAYER_NOT_LEADING', 'another does'),
    );
    await find(JOB);
    vitals.noteFailure('release one', new RelayerError('RELAYER_STATE_DIVERGED', 'no'));
    await find(JOB);
    expect(added).toEqual([]);
  });
});

describe('a job that comes out of the queue', () => {
  it('is done by the process that leads the account', async () => {
    const { run } = await start();
    await run(JOB);
    expect(vi.mocked(runJob).mock.lastCall?.[1]).toBe(JOB);
  });

  it('of another process’s account ends without having failed, and is put back for the other', async () => {
    vi.mocked(requireLead).mockRejectedValue(
      new RelayerError('RELAYER_NOT_LEADING', 'another does'),
    );
    const { run, added } = await start();
    await expect(run(JOB)).resolves.toBeUndefined();
    expect(runJob).not.toHaveBeenCalled();
    // As long as it is being ended a queue takes no other of its name.
    expect(added).toEqual([]);
    await expect.poll(() => added, { timeout: 5000 }).toEqual([JOB]);
  });

  it('of another process’s account is not put back once the relayer is told to stop', async () => {
    vi.mocked(requireLead).mockRejectedValue(
      new RelayerError('RELAYER_NOT_LEADING', 'another does'),
    );
    const { run, added, stop } = await start();
    await run(JOB);
    stop();
    await new Promise((ended) => setTimeout(ended, 20));
    expect(added).toEqual([]);
  });

  it('of a lane that an operator holds ends without having done anything', async () => {
    vi.mocked(mayRun).mockResolvedValue(false);
    const { run } = await start();
    await expect(run(JOB)).resolves.toBeUndefined();
    expect(runJob).not.toHaveBeenCalled();
  });

  it('fails where it cannot be told whose the account is', async () => {
    vi.mocked(requireLead).mockRejectedValue(new Error('the journal is away'));
    const { run } = await start();
    await expect(run(JOB)).rejects.toThrow('the journal is away');
    expect(runJob).not.toHaveBeenCalled();
  });
});
