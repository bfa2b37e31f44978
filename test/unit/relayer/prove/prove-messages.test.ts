import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import {
  type CommandParams,
  type EnclaveStatus,
  MAX_INGEST_MESSAGES,
  type OutboxStatus,
} from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine, Side } from '../../../../src/relayer/bridge.ts';
import { journalChanges } from '../../../../src/relayer/journal/journal-changes.ts';
import {
  finalMessageCount,
  finalMessages,
  type MessageRow,
} from '../../../../src/relayer/journal/messages.ts';
import { proveMessages, proveOutbox } from '../../../../src/relayer/prove/prove-messages.ts';
import { provenBlock } from '../../../../src/relayer/prove/proven-block.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { takeRefusal } from '../../../../src/relayer/watch/reconcile.ts';
import { recordProven } from '../../../../src/relayer/watch/record-chain.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

// An enclave that answers as it is told. The real one, with a backlog, is in test/integration/relayer-backlog.test.ts.
vi.mock('../../../../src/relayer/journal/journal-changes.ts', () => ({ journalChanges: vi.fn() }));
vi.mock('../../../../src/relayer/watch/record-chain.ts', () => ({
  recordProven: vi.fn(),
}));
vi.mock('../../../../src/relayer/watch/reconcile.ts', () => ({
  messagesOf: vi.fn(),
  takeRefusal: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/messages.ts', () => ({
  ANY_BLOCK: 2 ** 31 - 1,
  finalMessageCount: vi.fn(),
  finalMessages: vi.fn(),
}));

const CHAIN_ID = 31337n;
const BLOCK = 70;
const BLOCK_SEC = 1_700_000_000n;
const HEAD: Hex = `0x${'00'.repeat(32)}`;
const PROOF = { kind: 'substrate', blockHash: HEAD, nodes: [] };

const at = (count: number) => ({ count: BigInt(count), head: HEAD });
const outbox = (position: number, scanned = position, ahead?: number): OutboxStatus => ({
  chainId: CHAIN_ID,
  position: at(position),
  scanned: at(scanned),
  ahead: ahead === undefined ? null : at(ahead),
  provenAtSec: BLOCK_SEC - 1n,
  paid: 0n,
});
const refusal = (code: string) =>
  new RemoteRefusal('ingest', { code, disposition: 'retry', message: code, meta: {} });

/** An enclave whose outbox stands so, and what it answers to each portion. */
function laneWith(standing: OutboxStatus, answers: readonly (OutboxStatus | Error)[]) {
  const sent: CommandParams<'ingest'>[] = [];
  let now = standing;
  const ask = async (command: string, params: CommandParams<'ingest'>) => {
    if (command === 'status') return statusOf(now);
    const answer = answers[sent.length];
    sent.push(params);
    if (answer === undefined) throw new Error('asked once too often');
    if (answer instanceof Error) throw answer;
    now = answer;
    return answer;
  };
  const line = { client: { ask }, commanding: new Serial() } as unknown as EnclaveLine;
  const asked = () =>
    sent.map(({ fromIndex, messages, proof }) => [fromIndex, messages.length, proof !== null]);
  const move = (to: OutboxStatus) => {
    now = to;
  };
  return { line, asked, move, sent };
}

function statusOf(ingested: OutboxStatus): EnclaveStatus {
  const lightClients = [{ client: 'beacon', held: HEAD }];
  return { ingested: [ingested], lightClients } as unknown as EnclaveStatus;
}

const side = {
  chain: {
    chainId: CHAIN_ID,
    blockShownBy: async () => ({ number: BLOCK, hash: HEAD }),
    blockTimeSec: async () => BLOCK_SEC,
    stateProof: async () => PROOF,
  },
  gateway: `0x${'0a'.repeat(20)}`,
  lightClient: 'beacon',
} as unknown as Side;
async function blockOf(ingested: OutboxStatus) {
  const block = await provenBlock(statusOf(ingested), side);
  if (block === undefined) throw new Error('the light client has started');
  return block;
}

const bridge = {
  database: {},
  log: pino({ level: 'silent' }),
  clock: { nowMs: () => 1 },
  signal: new AbortController().signal,
} as Partial<Bridge> as Bridge;

/** The journal has this many final messages. */
function journalHas(count: number): void {
  vi.mocked(finalMessageCount).mockResolvedValue(BigInt(count));
  vi.mocked(finalMessages).mockImplementation(async (_, { fromIndex, limit }) => {
    const length = Math.max(0, Math.min(limit, count - Number(fromIndex)));
    return Array.from({ length }, (_, i) => rowAt(fromIndex + BigInt(i)));
  });
}

function rowAt(index: bigint): MessageRow {
  const row = { chainId: CHAIN_ID, index, blockNumber: 5, envelope: '0x01' };
  return row as Partial<MessageRow> as MessageRow;
}

/** Subjects that were said to be verified, the first and the last of each time. */
function verified(): string[] {
  return vi
    .mocked(journalChanges)
    .mock.calls.map(([, changes]) => [...changes])
    .map((changes) => `${changes[0]?.subject} … ${changes.at(-1)?.subject}`);
}

/** Messages of a portion that is not the last. */
const FULL = MAX_INGEST_MESSAGES;

describe('messages, to an enclave', () => {
  beforeEach(() => {
    vi.mocked(journalChanges).mockReset();
    vi.mocked(recordProven).mockReset();
    vi.mocked(takeRefusal).mockReset();
  });

  it('are sent in portions, of which the last has the proof', async () => {
    const count = 5 * FULL + 500;
    journalHas(count);
    const scanned = [1, 2, 3, 4, 5].map((i) => outbox(0, i * FULL));
    const lane = laneWith(outbox(0), [...scanned, outbox(count)]);
    await proveMessages(bridge, lane.line, side);
    expect(lane.asked()).toEqual([
      ...[0, 1, 2, 3, 4].map((i) => [BigInt(i * FULL), FULL, false]),
      [BigInt(5 * FULL), 500, true],
    ]);
    expect(lane.sent[5]?.proof).toEqual(PROOF);
    expect(verified()).toEqual([
      'message 31337/0 … message 31337/1999',
      'message 31337/2000 … message 31337/3999',
      `message 31337/4000 … message 31337/${count - 1}`,
    ]);
  });

  it('end in a portion without bodies where the last one before it is full', async () => {
    journalHas(FULL);
    const lane = laneWith(outbox(0), [outbox(0, FULL), outbox(FULL)]);
    await proveMessages(bridge, lane.line, side);
    expect(lane.asked()).toEqual([
      [0n, FULL, false],
      [BigInt(FULL), 0, true],
    ]);
  });

  it('are not sent where there is nothing new', async () => {
    journalHas(3);
    await proveMessages(bridge, laneWith(outbox(3), []).line, side);
    expect(verified()).toEqual([]);
  });

  it('that are not there are proven not to be, once at a block', async () => {
    journalHas(3);
    const known = outbox(3);
    const lane = laneWith(known, [{ ...known, provenAtSec: BLOCK_SEC }]);
    const { signal } = bridge;
    const at = { line: lane.line, side, block: await blockOf(known), signal };
    await proveOutbox(bridge, at, statusOf(known));
    expect(lane.asked()).toEqual([[3n, 0, true]]);
    await proveOutbox(bridge, at, statusOf({ ...known, provenAtSec: BLOCK_SEC }));
    expect(lane.asked()).toHaveLength(1);
    expect(verified()).toEqual([]);
  });

  it('go on where a run was cut off', async () => {
    journalHas(4100);
    const lane = laneWith(outbox(100, 4000), [outbox(4100)]);
    await proveMessages(bridge, lane.line, side);
    expect(lane.asked()).toEqual([[4000n, 100, true]]);
    expect(verified()).toContain('message 31337/100 … message 31337/2099');
  });

  it('are sent anew if a run that was gone on with does not end where it is proven to', async () => {
    journalHas(300);
    const lane = laneWith(outbox(100, 250), [refusal('ENCLAVE_REPLAY_MISMATCH'), outbox(300)]);
    await proveMessages(bridge, lane.line, side);
    expect(lane.asked()).toEqual([
      [250n, 50, true],
      [100n, 200, true],
    ]);
    expect(takeRefusal).not.toHaveBeenCalled();
  });

  it('are read again from the chain if a whole run does not', async () => {
    journalHas(300);
    const mismatch = refusal('ENCLAVE_REPLAY_MISMATCH');
    const lane = laneWith(outbox(100, 250), [mismatch, mismatch]);
    await expect(proveMessages(bridge, lane.line, side)).rejects.toBe(mismatch);
    expect(vi.mocked(takeRefusal).mock.calls.map(([, , { position }]) => position.count)).toEqual([
      100n,
    ]);
  });

  it('are not read again if another relayer was quicker', async () => {
    journalHas(300);
    const lane = laneWith(outbox(100), [refusal('ENCLAVE_REPLAY_MISMATCH')]);
    vi.mocked(finalMessages).mockImplementation(async () => {
      lane.move(outbox(200));
      return [rowAt(100n)];
    });
    await expect(proveMessages(bridge, lane.line, side)).rejects.toMatchObject({
      code: 'ENCLAVE_REPLAY_MISMATCH',
    });
    expect(takeRefusal).not.toHaveBeenCalled();
  });

  it('that were proven and had no room come once more, each portion to its known end', async () => {
    journalHas(900);
    const lane = laneWith(outbox(100, 100, 400), [outbox(400, 400, 700), outbox(700)]);
    await proveMessages(bridge, lane.line, side);
    expect(lane.asked()).toEqual([
      [100n, 300, false],
      [400n, 300, false],
    ]);
    expect(verified()).toEqual([
      'message 31337/100 … message 31337/399',
      'message 31337/400 … message 31337/699',
    ]);
    expect(recordProven).not.toHaveBeenCalled();
  });

  it('wait for commits where the enclave has no room yet', async () => {
    journalHas(900);
    const full = refusal('ENCLAVE_INBOX_FULL');
    const lane = laneWith(outbox(100, 100, 400), [outbox(400, 400, 700), full]);
    await proveMessages(bridge, lane.line, side);
    expect(lane.asked()).toHaveLength(2);
    expect(verified()).toEqual(['message 31337/100 … message 31337/399']);
  });

  it('that were proven and are not in the journal any more wait until they are', async () => {
    journalHas(300);
    await proveMessages(bridge, laneWith(outbox(100, 100, 400), []).line, side);
    expect(verified()).toEqual([]);
  });

  it('that were proven and are others in the journal are read again', async () => {
    journalHas(900);
    const lane = laneWith(outbox(100, 100, 400), [refusal('ENCLAVE_REPLAY_MISMATCH')]);
    await expect(proveMessages(bridge, lane.line, side)).rejects.toBeInstanceOf(RemoteRefusal);
    expect(vi.mocked(takeRefusal).mock.calls.map(([, , { position }]) => position.count)).toEqual([
      100n,
    ]);
  });
});
