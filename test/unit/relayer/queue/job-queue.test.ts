import { UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { backoffMs, jobIdOf, toQueueError } from '../../../../src/relayer/queue/job-queue.ts';

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
