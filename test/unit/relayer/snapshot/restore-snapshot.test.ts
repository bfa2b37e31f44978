import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import { anchorIdSlot } from '../../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import { snapshotChunk, snapshotNumbers } from '../../../../src/relayer/journal/snapshots.ts';
import { restoreIfFarBehind } from '../../../../src/relayer/snapshot/restore-snapshot.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

vi.mock('../../../../src/relayer/journal/snapshots.ts', () => ({
  snapshotChunk: vi.fn(),
  snapshotNumbers: vi.fn(),
}));

const HELD: Hex = `0x${'aa'.repeat(32)}`;
const ANCHOR: Hex = `0x${'a1'.repeat(20)}`;

/** An enclave that takes the snapshots of these numbers, and what it is given. */
function enclave(at: bigint, takes: readonly bigint[]) {
  const given: { number: bigint; chunk: bigint; chunks: bigint; proof: unknown }[] = [];
  const lightClients = [{ client: 'grandpa', held: HELD }];
  const ask = async (command: string, params: (typeof given)[number]) => {
    if (command === 'status') return { ledger: { number: at }, lightClients };
    given.push(params);
    if (!takes.includes(params.number)) {
      const code = 'ENCLAVE_SNAPSHOT_REFUSED';
      const error = { code, disposition: 'reject' as const, message: code, meta: {} };
      throw new RemoteRefusal('restoreSnapshot', error);
    }
    return { ledger: { number: params.proof === null ? at : params.number }, lightClients };
  };
  const line = { client: { address: 'one', ask } } as unknown as EnclaveLine;
  const status = { ledger: { number: at } } as unknown as EnclaveStatus;
  return { line, given, status };
}

const chain = { stateProof: async (...asked: unknown[]) => asked };
const bridge = {
  anchor: { side: { chain, lightClient: 'grandpa' }, address: ANCHOR },
  database: {},
  log: pino({ level: 'silent' }),
} as unknown as Bridge;

function kept(...numbers: bigint[]): void {
  vi.mocked(snapshotNumbers).mockResolvedValue(numbers);
}

describe('a snapshot', () => {
  beforeEach(() => {
    vi.mocked(snapshotChunk)
      .mockReset()
      .mockImplementation(async (_, __, chunk) => ({ chunks: 2, bytes: Uint8Array.of(chunk) }));
  });

  it('is given to an enclave that begins anew: chunk by chunk, the last with the proof that it is anchored', async () => {
    kept(3n);
    const { line, given, status } = enclave(0n, [3n]);
    expect(await restoreIfFarBehind(bridge, line, status)).toBe(3n);
    expect(given).toEqual([
      { number: 3n, chunk: 0n, chunks: 2n, bytes: Uint8Array.of(0), proof: null },
      {
        number: 3n,
        chunk: 1n,
        chunks: 2n,
        bytes: Uint8Array.of(1),
        proof: [{ address: ANCHOR }, anchorIdSlot(3n), HELD],
      },
    ]);
  });

  it.each([
    [5n, 69n, false],
    [5n, 70n, true],
    [70n, 70n, false],
    [71n, 70n, false],
  ])('of an enclave at %s is worth %s: %s', async (at, number, isGiven) => {
    kept(number);
    const { line, given, status } = enclave(at, [number]);
    expect(await restoreIfFarBehind(bridge, line, status)).toBe(isGiven ? number : at);
    expect(given.length > 0).toBe(isGiven);
  });

  it('that the enclave does not take is followed by the one before it', async () => {
    kept(128n, 64n);
    const { line, given, status } = enclave(0n, [64n]);
    expect(await restoreIfFarBehind(bridge, line, status)).toBe(64n);
    expect(given.map(({ number }) => number)).toEqual([128n, 64n, 64n]);
  });

  it('leaves the enclave where it is if it takes none, or none is kept whole', async () => {
    kept(128n, 64n);
    const { line, status } = enclave(0n, []);
    expect(await restoreIfFarBehind(bridge, line, status)).toBe(0n);
    vi.mocked(snapshotChunk).mockResolvedValue(undefined);
    const other = enclave(0n, [128n, 64n]);
    expect(await restoreIfFarBehind(bridge, other.line, other.status)).toBe(0n);
    expect(other.given).toEqual([]);
  });
});
