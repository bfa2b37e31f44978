import { describe, expect, it } from 'vitest';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import { nextInputs } from '../../../../src/relayer/commit/commit-next.ts';

const head = `0x${'00'.repeat(32)}` as const;

/** A status by `[chainId, consumed, ingested]`. */
function statusOf(...chains: [bigint, bigint, bigint][]): EnclaveStatus {
  return {
    ledger: { inputs: chains.map(([chainId, count]) => ({ chainId, count })) },
    ingested: chains.map(([chainId, , count]) => ({ chainId, position: { count, head } })),
  } as Partial<EnclaveStatus> as EnclaveStatus;
}

describe('the cursors of the next transition', () => {
  it('are not there while nothing waits', () => {
    expect(nextInputs(statusOf([1n, 3n, 3n], [2n, 0n, 0n]))).toBeUndefined();
  });

  it('take all that waits on every chain', () => {
    expect(nextInputs(statusOf([1n, 3n, 5n], [2n, 7n, 7n]))).toEqual([
      { chainId: 1n, count: 5n },
      { chainId: 2n, count: 7n },
    ]);
  });

  it('stop where one transition is full, and leave the rest for the next', () => {
    expect(nextInputs(statusOf([1n, 0n, 9_999n], [2n, 5n, 10n]))).toEqual([
      { chainId: 1n, count: 9_999n },
      { chainId: 2n, count: 6n },
    ]);
    expect(nextInputs(statusOf([1n, 0n, 20_000n], [2n, 5n, 10n]))).toEqual([
      { chainId: 1n, count: 10_000n },
      { chainId: 2n, count: 5n },
    ]);
  });
});
