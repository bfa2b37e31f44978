import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { anchorIdSlot } from '../../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import type { Database } from '../../../../src/relayer/journal/database.ts';
import { saveSnapshot, snapshotNumbers } from '../../../../src/relayer/journal/snapshots.ts';
import { StatusBoard } from '../../../../src/relayer/quorum/status-board.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { isSnapshotDue, keepSnapshot } from '../../../../src/relayer/snapshot/keep-snapshot.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { quorumOf } from '../../../support/quorum.ts';

vi.mock('../../../../src/relayer/journal/snapshots.ts', () => ({
  saveSnapshot: vi.fn(),
  snapshotNumbers: vi.fn(),
}));

let lines = 0;
const line = (ask: (chunk: bigint) => unknown, number = 64n): EnclaveLine => {
  const client = {
    ask: async (command: string, params: { chunk: bigint }) =>
      command === 'status' ? { ledger: { number } } : ask(params.chunk),
  };
  lines += 1;
  return { name: `enclave-${lines}`, client, commanding: new Serial() } as unknown as EnclaveLine;
};
/** A bridge of these enclaves; the anchor keeps for each number the state of the same number. */
const bridgeOf = (threshold: number, ...enclaves: EnclaveLine[]) => {
  const vitals = new Vitals();
  const states = new Map([64n, 65n].map((number) => [anchorIdSlot(number), stateOf(number)]));
  const chain = { word: async (_: Hex, slot: Hex) => states.get(slot) };
  return {
    enclaves,
    board: new StatusBoard(enclaves, vitals),
    quorum: quorumOf({ threshold }),
    anchor: { side: { chain }, address: '0xa1' },
    vitals,
    database: {},
    log: pino({ level: 'silent' }),
  } as unknown as Bridge;
};
const stateOf = (number: bigint): Hex => `0x${number.toString(16).padStart(64, '0')}`;

describe('a snapshot', () => {
  beforeEach(() => {
    vi.mocked(saveSnapshot).mockReset();
    vi.mocked(snapshotNumbers).mockReset().mockResolvedValue([]);
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
    const one = line((chunk) => chunkOf(64n, chunk));
    await keepSnapshot(bridgeOf(1, silent, one));
    const chunks = [0, 1, 2].map((byte) => Uint8Array.of(byte));
    expect(vi.mocked(saveSnapshot).mock.lastCall?.[1]).toEqual({ number: 64n, chunks });
    await expect(keepSnapshot(bridgeOf(1, silent))).rejects.toThrow('gone');
  });

  it('is begun anew where another relayer has begun one of a later state in the middle of it', async () => {
    const asked: bigint[] = [];
    const one = line((chunk) => {
      asked.push(chunk);
      return { ...chunkOf(asked.length === 1 ? 64n : 65n, chunk), chunks: 2n };
    });
    await keepSnapshot(bridgeOf(1, one));
    expect(asked).toEqual([0n, 1n, 0n, 1n]);
    expect(vi.mocked(saveSnapshot).mock.lastCall?.[1]).toMatchObject({ number: 65n });
  });

  it.each([
    ['more chunks than one can have', () => ({ ...chunkOf(64n, 0n), chunks: 2n ** 31n })],
    [
      'another each time',
      (asked: number) => ({ ...chunkOf(64n, 0n), stateId: stateOf(BigInt(asked)), chunks: 9n }),
    ],
  ])('is not read for ever of an enclave that gives %s', async (_, answer) => {
    let asked = 0;
    const endless = line(() => answer(asked++));
    const refused = await asyncRefusal(keepSnapshot(bridgeOf(1, endless)));
    expect(refused.code).toBe('RELAYER_SNAPSHOT_FOREIGN');
    expect(asked).toBeLessThan(10);
  });

  it('is not kept of a state that the anchor does not have, nor of an enclave whose ledger nobody shares', async () => {
    const lying = line((chunk) => ({ ...chunkOf(64n, chunk), stateId: stateOf(9n) }));
    const refused = await asyncRefusal(keepSnapshot(bridgeOf(1, lying)));
    expect(refused.code).toBe('RELAYER_SNAPSHOT_FOREIGN');
    const ahead = line((chunk) => chunkOf(65n, chunk), 999n);
    const [one, two] = [line((chunk) => chunkOf(64n, chunk)), line((chunk) => chunkOf(64n, chunk))];
    await keepSnapshot(bridgeOf(2, ahead, one, two));
    expect(vi.mocked(saveSnapshot).mock.lastCall?.[1]).toMatchObject({ number: 64n });
  });

  it('is of another enclave each time, so that none fills all places', async () => {
    const askedOf: string[] = [];
    const giving = (name: string) =>
      line((chunk) => {
        askedOf.push(name);
        return { ...chunkOf(64n, chunk), chunks: 1n };
      });
    const bridge = bridgeOf(1, giving('one'), giving('two'));
    for (const newest of [62n, 63n]) {
      vi.mocked(snapshotNumbers).mockResolvedValue([newest]);
      await keepSnapshot(bridge);
    }
    expect(askedOf).toEqual(['one', 'two']);
  });
});

function chunkOf(number: bigint, chunk: bigint) {
  return { number, stateId: stateOf(number), chunks: 3n, bytes: Uint8Array.of(Number(chunk)) };
}
