import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { RelayerError, type Side } from '../../../src/relayer/bridge.ts';
import type { Database } from '../../../src/relayer/journal/database.ts';
import { retriesAsked } from '../../../src/relayer/journal/holds.ts';
import { obeyRetries } from '../../../src/relayer/obey-retries.ts';
import type { JobRef } from '../../../src/relayer/queue/job-queue.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';

vi.mock('../../../src/relayer/journal/holds.ts', async (original) => ({
  ...(await original<typeof import('../../../src/relayer/journal/holds.ts')>()),
  retriesAsked: vi.fn(),
}));

const JOBS: readonly JobRef[] = [
  { kind: 'confirm', id: '7', enclave: 'enclave-1' },
  { kind: 'confirm', id: '7', enclave: 'enclave-2' },
  { kind: 'prove', id: '7', enclave: 'enclave-2' },
];
const nameOf = ({ kind, enclave }: JobRef) => `${kind} @ ${enclave}`;

it('a lane that has halted works again once the operator has asked for it after the start, and no other', async () => {
  const vitals = new Vitals();
  const halt = () => Promise.reject(new RelayerError('RELAYER_STATE_DIVERGED', 'it is another'));
  for (const name of ['confirm @ enclave-1', 'confirm @ enclave-2', 'commit']) {
    await vitals.lane(name, halt).catch(() => undefined);
  }
  const stop = new AbortController();
  const sides = [{ chain: { chainId: 7n, name: 'seven' } }] as unknown as Side[];
  const bridge = { vitals, sides, database: {} as Database, signal: stop.signal };
  const retried: string[][] = [];
  const queue = {
    retry: async (isMeant: (job: JobRef) => boolean) => {
      expect(vitals.waits()).toMatchObject([{ name: expect.stringContaining('the queue to try') }]);
      retried.push(JOBS.filter(isMeant).map(nameOf));
    },
  };
  const asked = vi.mocked(retriesAsked);
  asked.mockResolvedValue(new Map([['commit', 4n]]));
  const onRetry = vi.fn();
  const obedience = { queue, onRetry, lookMs: 5 };
  const obeying = obeyRetries({ ...bridge, log: pino({ level: 'silent' }) }, obedience);
  await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(2));
  expect(vitals.isHalted('commit')).toBe(true);

  asked.mockRejectedValueOnce(new Error('the journal is gone'));
  const confirm = ['confirm @ enclave-1', 'confirm @ enclave-2'];
  asked.mockResolvedValue(
    new Map([
      ['commit', 4n],
      ['confirm', 1n],
    ]),
  );
  await vi.waitFor(() => expect(onRetry).toHaveBeenCalled());
  expect(confirm.map((name) => vitals.isHalted(name))).toEqual([false, false]);
  expect(vitals.isHalted('commit')).toBe(true);

  asked.mockResolvedValue(
    new Map([
      ['commit', 4n],
      ['confirm', 1n],
      ['*', 1n],
    ]),
  );
  await vi.waitFor(() => expect(onRetry).toHaveBeenCalledTimes(2));
  expect(vitals.isHalted('commit')).toBe(false);
  expect(retried).toEqual([confirm, [...confirm, 'prove @ enclave-2']]);
  stop.abort();
  await obeying;
});
