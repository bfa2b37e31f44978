import { EventEmitter } from 'node:events';
import { UnrecoverableError } from 'bullmq';
import { describe, expect, it, vi } from 'vitest';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import {
  backoffMs,
  createJobQueue,
  jobIdOf,
  toQueueError,
} from '../../../../src/relayer/queue/job-queue.ts';
import type { JobStore } from '../../../../src/relayer/queue/job-store.ts';

describe('a job’s failure', () => {
  it('is tried again only if its disposition says so', () => {
    const meta = { chain: 'ethereum', what: 'x' } as const;
    const unavailable = new ChainError('CHAIN_UNAVAILABLE', meta);
    expect(toQueueError(unavailable)).toBe(unavailable);
    for (const code of ['CHAIN_SIGNER_INVALID', 'CHAIN_MISMATCH'] as const) {
      const error = new ChainError(code, meta);
      const final = toQueueError(error);
      expect(final).toBeInstanceOf(UnrecoverableError);
      expect(final.cause).toBe(error);
    }
  });

  it('that nobody foresaw is tried again under its own code', () => {
    for (const thrown of [new TypeError('x'), 'text', undefined]) {
      expect(toQueueError(thrown)).toMatchObject({
        code: 'RELAYER_UNEXPECTED',
        disposition: 'retry',
      });
    }
  });

  it('is followed by a pause that doubles up to a bound', () => {
    expect([1, 2, 3, 30].map(backoffMs)).toEqual([250, 500, 1000, 8000]);
  });
});

describe('a job’s id', () => {
  it('has no colon and is never digits alone', () => {
    expect(jobIdOf({ kind: 'prove', id: '31337' })).toBe('prove-31337');
    expect(jobIdOf({ kind: 'release', id: 'a:b:c' })).toBe('release-a-b-c');
  });
});

it('a queue whose server is away is asked once to take a job, however often that is tried', async () => {
  const back = Promise.withResolvers<undefined>();
  const getJob = vi.fn(() => back.promise);
  const add = vi.fn(async () => undefined);
  const ready = { waitUntilReady: async () => undefined };
  const store = {
    createQueue: () => Object.assign(new EventEmitter(), ready, { getJob, add }),
    createWorker: () => Object.assign(new EventEmitter(), ready),
  } as unknown as JobStore;
  const work = { run: async () => undefined, onFailure: () => undefined };
  const queue = await createJobQueue({ store, ...work });
  const tried = [1, 2, 3].map(() => queue.add({ kind: 'prove', id: '1' }));
  expect(getJob).toHaveBeenCalledTimes(1);
  back.resolve(undefined);
  await Promise.all(tried);
  await queue.add({ kind: 'prove', id: '1' });
  expect(add).toHaveBeenCalledTimes(2);
});
