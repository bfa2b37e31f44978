import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import type { Database } from '../../../../src/relayer/journal/database.ts';
import { saveSnapshot, snapshotNumbers } from '../../../../src/relayer/journal/snapshots.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { isSnapshotDue, keepSnapshot } from '../../../../src/relayer/snapshot/keep-snapshot.ts';

vi.mock('../../../../src/relayer/journal/snapshots.ts', () => ({
  saveSnapshot: vi.fn(),
  snapshotNumbers: vi.fn(),
}));

const line = (ask: (chunk: bigint) => unknown): EnclaveLine => {
  const client = {
    address: 'one',
    ask: async (_: string, params: { chunk: bigint }) => ask(params.chunk),
  };
  return { client, commanding: new Serial() } as unknown as EnclaveLine;
};
const bridgeOf = (...enclaves: EnclaveLine[]) =>
  ({ enclaves, database: {}, log: pino({ level: 'silent' }) }) as unknown as Bridge;

describe('a snapshot', () => {
  beforeEach(() => {
    vi.mocked(saveSnapshot).mockReset();
  });

  it.each([
    [[], 63n, false],
    [[], 64n, true],
    [[64n], 127n, false],
    [[64n, 1n], 128n, true],
  ])('after those of %s is due at commit %s: %s', async (numbers, number, isDue) => {
    vi.mocked(snapshotNumbers).mockResolvedValue(numbers);
    const bridge = { database: {} as Database, snapshotEveryCommits: 64n };
    const status = { ledger: { number } } as unknown as EnclaveStatus;
    expect(await isSnapshotDue(bridge, status)).toBe(isDue);
  });

  it('is kept whole, of the first enclave that gives one', async () => {
    const silent = line(() => {
      throw new Error('gone');
    });
    const one = line((chunk) => ({ number: 64n, chunks: 3n, bytes: Uint8Array.of(Number(chunk)) }));
    await keepSnapshot(bridgeOf(silent, one));
    const chunks = [0, 1, 2].map((byte) => Uint8Array.of(byte));
    expect(vi.mocked(saveSnapshot).mock.lastCall?.[1]).toEqual({ number: 64n, chunks });
    await expect(keepSnapshot(bridgeOf(silent))).rejects.toThrow('gone');
  });

  it('is begun anew where another relayer has begun one of a later state in the middle of it', async () => {
    const asked: bigint[] = [];
    const one = line((chunk) => {
      asked.push(chunk);
      const number = asked.length === 1 ? 64n : 65n;
      return { number, stateId: `0x${number}`, chunks: 2n, bytes: Uint8Array.of(Number(number)) };
    });
    await keepSnapshot(bridgeOf(one));
    expect(asked).toEqual([0n, 1n, 0n, 1n]);
    const chunks = [Uint8Array.of(65), Uint8Array.of(65)];
    expect(vi.mocked(saveSnapshot).mock.lastCall?.[1]).toEqual({ number: 65n, chunks });
  });
});
