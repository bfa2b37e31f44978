import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANCHOR_SLOTS } from '../../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Side } from '../../../../src/relayer/bridge.ts';
import { type CadencedBridge, isCommitDue } from '../../../../src/relayer/commit/is-commit-due.ts';
import { suspensions } from '../../../../src/relayer/journal/control-messages.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

vi.mock('../../../../src/relayer/journal/control-messages.ts', () => ({ suspensions: vi.fn() }));

const T0 = 1_000_000n;
const STATE: Hex = `0x${'50'.repeat(32)}`;
const HASH: Hex = `0x${'aa'.repeat(32)}`;

/** Two chains whose newest final blocks were made so many seconds after T0; the second has the anchor. */
function bridgeOf(times: readonly [bigint | undefined, bigint | undefined], anchored = STATE) {
  const sides = times.map((timeSec, i) => ({
    lagSec: i === 0 ? 26n : 6n,
    chain: {
      chainId: BigInt(i + 1),
      finalizedHead: async () => ({ number: 1, hash: HASH }),
      blockTimeSec: async () => {
        if (timeSec === undefined) throw new Error('the node is gone');
        return T0 + timeSec;
      },
      word: async (_: Hex, slot: Hex) => (slot === ANCHOR_SLOTS.stateId ? anchored : '0x'),
    },
  })) as unknown as [Side, Side];
  return {
    sides,
    anchor: { side: sides[1], address: '0xaa' },
    schedule: { startSec: T0, roundSec: 4n },
    commitEverySec: 6n,
    vitals: new Vitals(),
  } as unknown as CadencedBridge;
}

const status = (round: bigint, asOf = 0n) => {
  const ledger = { stateId: STATE, round, asOf: T0 + asOf };
  return { ledger } as unknown as EnclaveStatus;
};

describe('a commit', () => {
  beforeEach(() => {
    vi.mocked(suspensions).mockReset().mockResolvedValue([]);
  });

  it('is due when final blocks complete a round, whether or not there is any message', async () => {
    expect(await isCommitDue(bridgeOf([15n, 100n]), status(9n))).toBe(true);
    expect(await isCommitDue(bridgeOf([14n, 100n]), status(9n))).toBe(false);
    expect(await isCommitDue(bridgeOf([15n, 100n]), status(10n))).toBe(false);
  });

  it('is not due sooner after the last one than the configuration says', async () => {
    expect(await isCommitDue(bridgeOf([15n, 100n]), status(9n, 95n))).toBe(false);
    expect(await isCommitDue(bridgeOf([15n, 100n]), status(9n, 94n))).toBe(true);
  });

  it('is not due while the anchor has another state than the ledger', async () => {
    const other = bridgeOf([15n, 100n], `0x${'51'.repeat(32)}`);
    expect(await isCommitDue(other, status(9n))).toBe(false);
  });

  it('is due without a suspended chain whose node hangs', async () => {
    vi.useFakeTimers();
    const payload: Hex = `0x${'00'.repeat(31)}01`;
    const suspend = { index: 0n, kind: 4, payload, round: 10n, sentAtSec: T0 };
    vi.mocked(suspensions).mockResolvedValue([{ ...suspend, blockNumber: 1, isFinal: true }]);
    const bridge = bridgeOf([15n, 100n]);
    vi.spyOn(bridge.sides[0]?.chain ?? never(), 'finalizedHead').mockReturnValue(
      new Promise(() => undefined),
    );
    const due = isCommitDue(bridge, status(9n));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await due).toBe(true);
    vi.useRealTimers();
  });

  it('waits for a chain that does not answer, unless that is suspended', async () => {
    expect(await isCommitDue(bridgeOf([undefined, 100n]), status(9n))).toBe(false);
    const payload: Hex = `0x${'00'.repeat(31)}01`;
    const suspend = { index: 0n, kind: 4, payload, round: 10n, sentAtSec: T0 };
    vi.mocked(suspensions).mockResolvedValue([{ ...suspend, blockNumber: 1, isFinal: true }]);
    expect(await isCommitDue(bridgeOf([undefined, 100n]), status(9n))).toBe(true);
    expect(await isCommitDue(bridgeOf([undefined, 100n]), status(8n))).toBe(false);
  });
});

function never(): never {
  throw new Error('the bridge has two chains');
}
