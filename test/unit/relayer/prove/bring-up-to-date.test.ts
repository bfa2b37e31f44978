import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import { type ControlContent, encodeControl } from '../../../../src/protocol/control.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine, Side } from '../../../../src/relayer/bridge.ts';
import { finalControl, suspensions } from '../../../../src/relayer/journal/control-messages.ts';
import { finalMessages } from '../../../../src/relayer/journal/messages.ts';
import { advance } from '../../../../src/relayer/prove/advance.ts';
import { bringUpToDate } from '../../../../src/relayer/prove/bring-up-to-date.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import { takeRefusal } from '../../../../src/relayer/watch/reconcile.ts';
import { recordProven } from '../../../../src/relayer/watch/record-chain.ts';
import { type Hex, toHex } from '../../../../src/shared/bytes.ts';

vi.mock('../../../../src/relayer/journal/messages.ts', () => ({
  finalMessageCount: vi.fn(async () => 2n),
  finalMessages: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/control-messages.ts', () => ({
  finalControl: vi.fn(),
  suspensions: vi.fn(),
}));
vi.mock('../../../../src/relayer/watch/record-chain.ts', () => ({
  recordProven: vi.fn(),
}));
vi.mock('../../../../src/relayer/watch/reconcile.ts', () => ({
  messagesOf: vi.fn(),
  controlOf: () => 'the word of governance',
  takeRefusal: vi.fn(),
}));
vi.mock(import('../../../../src/relayer/prove/advance.ts'), async (original) => ({
  ...(await original()),
  advance: vi.fn(),
}));

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const ANCHOR: Hex = `0x${'a1'.repeat(20)}`;
const GATEWAYS: readonly Hex[] = [`0x${'01'.repeat(20)}`, `0x${'02'.repeat(20)}`];
const BLOCK_SEC = 100n;
const NEVER = new AbortController().signal;

/** An enclave that was shown two chains at `provenAtSec`, and what it is asked. */
function enclave(provenAtSec: bigint, paid = 0n) {
  const asked: { command: string; params: Record<string, unknown> }[] = [];
  const position = { count: 2n, head: word(0n) };
  const status = {
    ingested: [1n, 2n].map((chainId) => {
      return { chainId, position, scanned: position, ahead: null, provenAtSec, paid };
    }),
    ledger: { suspended: [] as bigint[], round: 20n },
    control: { position: { count: 3n, head: word(0n) }, provenAtSec },
    lightClients: ['beacon', 'grandpa'].map((client) => ({ client, held: word(0xaan) })),
  } as unknown as EnclaveStatus;
  const refusals = new Map<string, string>();
  const ask = async (command: string, params: Record<string, unknown>) => {
    if (command === 'status') return status;
    asked.push({ command, params });
    const code = refusals.get(command);
    if (code === undefined) return status.ingested.find((one) => one.chainId === params['chainId']);
    const error = { code, disposition: 'retry' as const, message: code, meta: {} };
    throw new RemoteRefusal('ingest', error);
  };
  const line = { client: { address: 'one', ask } } as unknown as EnclaveLine;
  const commands = () =>
    asked.map(({ command, params }) => `${command} ${params['chainId'] ?? ''}`);
  return { line, asked, commands, refusals, status };
}

/** Two chains whose gateways have paid so many releases; the second has the anchor. */
function bridgeOf(released = 0n) {
  const failing = new Set<bigint>();
  const sides = [1n, 2n].map((chainId, i) => ({
    chain: {
      chainId,
      blockShownBy: async () => {
        if (failing.has(chainId)) throw new Error('the node is gone');
        return { number: 9, hash: word(0xbbn) };
      },
      blockTimeSec: async () => BLOCK_SEC,
      word: async () => word(released),
      stateProof: async (contract: unknown, slot: Hex) => ({ contract, slot }),
    },
    gateway: GATEWAYS[i],
    lightClient: chainId === 1n ? 'beacon' : 'grandpa',
    lagSec: 6n,
  })) as unknown as [Side, Side];
  const bridge = {
    sides,
    anchor: { side: sides[1], address: ANCHOR },
    schedule: { startSec: 0n, roundSec: 4n },
    finality: new Map([
      ['beacon', {}],
      ['grandpa', {}],
    ]),
    database: {},
    log: pino({ level: 'silent' }),
    clock: { nowMs: () => 1 },
    vitals: new Vitals(),
  } as unknown as Bridge;
  return { bridge, failing };
}

beforeEach(() => {
  vi.resetAllMocks();
  vi.mocked(finalMessages).mockResolvedValue([]);
  vi.mocked(finalControl).mockResolvedValue([]);
  vi.mocked(suspensions).mockResolvedValue([]);
});

describe('before a commit, an enclave', () => {
  it('is shown every light client, every outbox and the anchor’s own, with messages or without', async () => {
    const { bridge } = bridgeOf();
    const one = enclave(BLOCK_SEC - 1n);
    await bringUpToDate(bridge, one.line, NEVER);
    expect(vi.mocked(advance).mock.calls.map(([, , id]) => id)).toEqual(['beacon', 'grandpa']);
    expect(one.commands().sort()).toEqual(['ingest 1', 'ingest 2', 'ingestControl ']);
    const [, control] = one.asked.toSorted((a, b) => (a.command < b.command ? -1 : 1)).slice(1);
    expect(control?.params).toEqual({
      fromIndex: 3n,
      messages: [],
      proof: { contract: { address: ANCHOR }, slot: ANCHOR_SLOTS.controlHead },
    });
  });

  it('is not shown again what it was shown at the same block', async () => {
    const one = enclave(BLOCK_SEC);
    await bringUpToDate(bridgeOf().bridge, one.line, NEVER);
    expect(one.commands()).toEqual([]);
  });

  it('learns what gateways have paid, if it does not know', async () => {
    const one = enclave(BLOCK_SEC, 4n);
    await bringUpToDate(bridgeOf(4n).bridge, one.line, NEVER);
    expect(one.commands()).toEqual([]);
    await bringUpToDate(bridgeOf(5n).bridge, one.line, NEVER);
    expect(one.commands()).toEqual(['proveReleased 1', 'proveReleased 2']);
    const proof = { contract: { address: GATEWAYS[0] }, slot: GATEWAY_SLOTS.releasedCount };
    expect(one.asked[0]?.params).toEqual({ chainId: 1n, proof });
  });

  it('is given what governance has said since, from a journal that has that block', async () => {
    const said = { index: 3n, sentAtSec: 7n, round: 0n, kind: 5, payload: '0x0102' } as const;
    vi.mocked(finalControl).mockResolvedValue([{ ...said, blockNumber: 8, isFinal: true }]);
    const one = enclave(BLOCK_SEC - 1n);
    await bringUpToDate(bridgeOf().bridge, one.line, NEVER);
    const control = one.asked.find(({ command }) => command === 'ingestControl');
    const payload = Uint8Array.of(1, 2);
    expect(control?.params['messages']).toEqual([{ sentAtSec: 7n, round: 0n, kind: 5, payload }]);
    const range = vi.mocked(finalControl).mock.lastCall?.[1];
    expect(range).toMatchObject({ fromIndex: 3n, toBlock: 9 });
    expect(recordProven).toHaveBeenCalled();
  });

  it('that finds the control messages to be others has the journal read again', async () => {
    const one = enclave(BLOCK_SEC - 1n);
    one.refusals.set('ingestControl', 'ENCLAVE_REPLAY_MISMATCH');
    const { bridge } = bridgeOf();
    await bringUpToDate(bridge, one.line, NEVER);
    const refusal = {
      line: one.line,
      position: expect.objectContaining({ count: 3n }),
      signal: expect.any(AbortSignal),
    };
    expect(vi.mocked(takeRefusal).mock.calls).toEqual([
      [bridge, 'the word of governance', refusal],
    ]);
  });

  it('is shown the rest where one chain cannot be shown', async () => {
    const { bridge, failing } = bridgeOf();
    failing.add(1n);
    vi.mocked(advance).mockRejectedValueOnce(new Error('the beacon node is gone'));
    const one = enclave(BLOCK_SEC - 1n);
    const { unshown } = await bringUpToDate(bridge, one.line, NEVER);
    expect(one.commands().sort()).toEqual(['ingest 2', 'ingestControl ']);
    expect(unshown).toContainEqual(
      expect.stringMatching(/^the finality of .* \(RELAYER_UNEXPECTED\)$/),
    );
  });

  it('is not shown a chain that is suspended, but always the anchor’s, which says when it is over', async () => {
    const one = enclave(BLOCK_SEC - 1n);
    one.status.ledger.suspended.push(1n, 2n);
    await bringUpToDate(bridgeOf().bridge, one.line, NEVER);
    expect(vi.mocked(advance).mock.calls.map(([, , id]) => id)).toEqual(['grandpa']);
    expect(one.commands().sort()).toEqual(['ingest 2', 'ingestControl ']);
  });

  it('is shown a chain that is suspended once it is said to go on, for the round from which it does waits for it', async () => {
    const row = (index: bigint, content: ControlContent, round: bigint) => {
      const { kind, payload } = encodeControl(content);
      const place = { index, sentAtSec: 7n, blockNumber: 8, isFinal: true };
      return { ...place, kind, round, payload: toHex(payload) };
    };
    const suspend = row(0n, { kind: 'suspend', chainId: 1n }, 12n);
    const shownAfter = async (resumedInRound: bigint) => {
      const resume = row(1n, { kind: 'resume', chainId: 1n }, resumedInRound);
      vi.mocked(suspensions).mockResolvedValue([suspend, resume]);
      const one = enclave(BLOCK_SEC - 1n);
      one.status.ledger.suspended.push(1n);
      await bringUpToDate(bridgeOf().bridge, one.line, NEVER);
      return one.commands().includes('ingest 1');
    };
    // The ledger's last round is 20.
    expect(await shownAfter(21n)).toBe(true);
    expect(await shownAfter(30n)).toBe(true);
    // What it has passed was withdrawn, or it would not be suspended.
    expect(await shownAfter(20n)).toBe(false);
  });

  it('is shown the rest, and then asked, while the light client of one chain hangs', async () => {
    vi.useFakeTimers();
    const { bridge } = bridgeOf();
    vi.mocked(advance).mockImplementation(async (_, __, id) =>
      id === 'beacon' ? await new Promise<never>(() => undefined) : ({} as EnclaveStatus),
    );
    const one = enclave(BLOCK_SEC - 1n);
    const shown = bringUpToDate(bridge, one.line, NEVER);
    await vi.advanceTimersByTimeAsync(1000);
    expect(one.commands().sort()).toEqual(['ingest 2', 'ingestControl ']);
    await vi.advanceTimersByTimeAsync(30_000);
    vi.useRealTimers();
    expect((await shown).status).toBe(one.status);
  });

  it('is sent nothing more once it is said to stop', async () => {
    const stop = new AbortController();
    const { bridge } = bridgeOf();
    vi.mocked(advance).mockImplementation(async () => {
      stop.abort(new Error('somebody else was quicker'));
      return {} as EnclaveStatus;
    });
    const one = enclave(BLOCK_SEC - 1n);
    await expect(bringUpToDate(bridge, one.line, stop.signal)).rejects.toThrow('quicker');
    expect(one.commands()).toEqual([]);
  });
});
