import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import type { EnclaveLine } from '../../../src/relayer/bridge.ts';
import { type ComparedBridge, createComparison } from '../../../src/relayer/compare-ledger.ts';
import { loadChainCursor } from '../../../src/relayer/journal/cursors.ts';
import { type Hold, holdsOn } from '../../../src/relayer/journal/holds.ts';
import { finalMessageCount } from '../../../src/relayer/journal/messages.ts';
import { StatusBoard } from '../../../src/relayer/quorum/status-board.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';
import { rewind } from '../../../src/relayer/watch/reconcile.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { quorumOf } from '../../support/quorum.ts';

vi.mock(import('../../../src/relayer/watch/reconcile.ts'), async (original) => ({
  ...(await original()),
  rewind: vi.fn(),
}));
vi.mock('../../../src/relayer/journal/cursors.ts', async (actual) => ({
  ...(await actual<typeof import('../../../src/relayer/journal/cursors.ts')>()),
  loadChainCursor: vi.fn(),
}));
vi.mock('../../../src/relayer/journal/messages.ts', async (actual) => ({
  ...(await actual<typeof import('../../../src/relayer/journal/messages.ts')>()),
  finalMessageCount: vi.fn(),
}));
vi.mock('../../../src/relayer/journal/holds.ts', async (actual) => ({
  ...(await actual<typeof import('../../../src/relayer/journal/holds.ts')>()),
  holdsOn: vi.fn(),
}));

const [GATEWAY, ANCHOR] = ['0x0a', '0xa1'] as const;
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
/** Lag, cadence of commits and a minute. */
const PATIENCE_MS = (26 + 300) * 1000 + 60_000;

/** An operator holds these from now on. */
function holding(...subjects: readonly Hold['subject'][]): void {
  const holds = subjects.map((subject) => ({ subject, reason: 'a look', atMs: 0 }));
  vi.mocked(holdsOn).mockResolvedValue(holds);
}

/** The newest final block. */
const FINAL = 9000;

/** The journal has been read up to a block. */
function readTo(blockNumber: number): void {
  const at = { blockNumber, readTo: blockNumber, settledTo: blockNumber };
  vi.mocked(loadChainCursor).mockResolvedValue({ ...at, sentHead: '0x', controlHead: '0x' });
}

/** A chain whose contracts count these, and a ledger that counts the others. */
function compared(threshold = 1) {
  const chain = { sent: 5n, released: 2n, number: 3n };
  const counts = { sent: 5n, scanned: 0n, released: 2n, number: 3n };
  const ledger = { ...counts, suspended: [] as bigint[], enclaves: 1 };
  const words = (contract: Hex, slot: Hex) => {
    if (contract === ANCHOR) return slot === ANCHOR_SLOTS.number ? chain.number : 0n;
    return slot === GATEWAY_SLOTS.sentCount ? chain.sent : chain.released;
  };
  const side = {
    chain: {
      chainId: 7n,
      name: 'seven',
      finalizedHead: async () => ({ number: FINAL, hash: word(9n) }),
      word: async (contract: Hex, slot: Hex) => word(words(contract, slot)),
    },
    gateway: GATEWAY,
    lightClient: 'seven',
    lagSec: 26n,
  };
  const ask = async () => {
    const released = [{ chainId: 7n, position: { count: ledger.released } }];
    const { number, suspended } = ledger;
    const [position, scanned] = [{ count: ledger.sent }, { count: ledger.scanned }];
    const ingested = [{ chainId: 7n, position, scanned, ahead: null }];
    return { ledger: { number, suspended, released }, ingested };
  };
  const vitals = new Vitals();
  const away = async () => {
    if (ledger.enclaves < 2) throw new Error('gone');
    return await ask();
  };
  const lines = [ask, away].map(
    (each, i) => ({ name: `enclave-${i}`, client: { ask: each } }) as unknown as EnclaveLine,
  );
  const bridge = {
    sides: [side],
    enclaves: lines,
    anchor: { side, address: ANCHOR },
    board: new StatusBoard(lines, vitals),
    quorum: quorumOf({ threshold }),
    commitEverySec: 300n,
    vitals,
    log: pino({ level: 'silent' }),
  } as unknown as ComparedBridge;
  let nowMs = 0;
  const compare = createComparison(bridge, () => nowMs);
  const later = async (ms: number) => {
    nowMs += ms;
    await compare();
    const raised = vitals.alarms().filter(({ name }) => !name.startsWith('ask '));
    return raised.map(({ name, code }) => `${name} ${code}`);
  };
  return { chain, ledger, later };
}

describe('chains and the ledger that enough enclaves share', () => {
  beforeEach(() => {
    vi.mocked(rewind).mockReset();
    holding();
    readTo(FINAL);
    vi.mocked(finalMessageCount).mockResolvedValue(5n);
  });

  it.each([
    ['messages of seven', { sent: 6n }],
    ['releases of seven', { released: 9n }],
    ['commits', { number: 4n }],
  ])(
    'are an alarm where %s differ for longer than they can, until they do not',
    async (name, change) => {
      const { chain, ledger, later } = compared();
      expect(await later(0)).toEqual([]);
      Object.assign(chain, change);
      expect(await later(10_000)).toEqual([]);
      expect(await later(PATIENCE_MS - 1)).toEqual([]);
      expect(await later(10_000)).toEqual([`${name} RELAYER_LEDGER_DISAGREES`]);
      Object.assign(ledger, change);
      expect(await later(10_000)).toEqual([]);
    },
  );

  it('are the chain’s messages read again, once in each such time', async () => {
    const { chain, later } = compared();
    chain.sent = 6n;
    for (const ms of [0, PATIENCE_MS, 10_000, 10_000]) await later(ms);
    expect(vi.mocked(rewind).mock.calls.map(([, { name }]) => name)).toEqual([
      'the outbox of seven',
    ]);
    await later(PATIENCE_MS);
    expect(rewind).toHaveBeenCalledTimes(2);
  });

  it('are no alarm any more once what stood still comes on, and are one again where it stops', async () => {
    const { chain, ledger, later } = compared();
    chain.sent = 9n;
    const alarm = ['messages of seven RELAYER_LEDGER_DISAGREES'];
    await later(0);
    expect(await later(PATIENCE_MS)).toEqual(alarm);
    // The enclave looks at what it will not take: nothing has come on for that.
    ledger.scanned = 6n;
    expect(await later(10_000)).toEqual(alarm);
    ledger.sent = 6n;
    expect(await later(10_000)).toEqual([]);
    expect(await later(PATIENCE_MS - 1)).toEqual([]);
    expect(await later(10_000)).toEqual(alarm);
  });

  it('are an alarm where the journal has all messages, which are not read again then', async () => {
    const { chain, later } = compared();
    chain.sent = 6n;
    vi.mocked(finalMessageCount).mockResolvedValue(6n);
    await later(0);
    expect(await later(PATIENCE_MS)).toEqual(['messages of seven RELAYER_LEDGER_DISAGREES']);
    expect(rewind).not.toHaveBeenCalled();
  });

  it('are no alarm while what is behind comes on', async () => {
    const { chain, ledger, later } = compared();
    chain.sent = 1000n;
    for (let i = 0; i < 5; i++) {
      expect(await later(PATIENCE_MS - 1)).toEqual([]);
      ledger.sent += 1n;
    }
  });

  it.each([
    ['messages of seven', { sent: 1000n }],
    ['releases of seven', { released: 9n }],
    ['commits', { number: 900n }],
  ])(
    'are no alarm while the journal, far behind, is read, and one over %s when it stands still',
    async (name, change) => {
      const { chain, later } = compared();
      Object.assign(chain, change);
      for (const block of [500, 1000, 1500]) {
        readTo(block);
        expect(await later(PATIENCE_MS - 1)).toEqual([]);
      }
      expect(rewind).not.toHaveBeenCalled();
      expect(await later(PATIENCE_MS)).toEqual([`${name} RELAYER_LEDGER_DISAGREES`]);
    },
  );

  it('are an alarm where the journal keeps up with the chain and the ledger does not', async () => {
    const { chain, later } = compared();
    chain.sent = 6n;
    readTo(FINAL - 20);
    await later(0);
    readTo(FINAL - 10);
    expect(await later(PATIENCE_MS)).toEqual(['messages of seven RELAYER_LEDGER_DISAGREES']);
  });

  it('are no alarm while the journal is read again from far back', async () => {
    const { chain, later } = compared();
    chain.sent = 6n;
    for (const ms of [0, PATIENCE_MS]) await later(ms);
    expect(rewind).toHaveBeenCalledTimes(1);
    for (const block of [500, 1000, 1500]) {
      readTo(block);
      await later(PATIENCE_MS - 1);
    }
    expect(rewind).toHaveBeenCalledTimes(1);
  });

  it('are no alarm while an enclave takes in portions of a long run of messages', async () => {
    const { chain, ledger, later } = compared();
    chain.sent = 10_000n;
    for (const scanned of [750n, 1500n, 2250n]) {
      ledger.scanned = scanned;
      expect(await later(PATIENCE_MS - 1)).toEqual([]);
    }
    expect(await later(PATIENCE_MS)).toEqual(['messages of seven RELAYER_LEDGER_DISAGREES']);
  });

  it('are no alarm where a chain is suspended, also if they were one before', async () => {
    const { chain, ledger, later } = compared();
    ledger.suspended.push(7n);
    chain.sent = 6n;
    for (const ms of [0, PATIENCE_MS, PATIENCE_MS]) expect(await later(ms)).toEqual([]);
    ledger.suspended.pop();
    await later(10_000);
    expect(await later(PATIENCE_MS)).toEqual(['messages of seven RELAYER_LEDGER_DISAGREES']);
    ledger.suspended.push(7n);
    expect(await later(10_000)).toEqual([]);
  });

  it.each([
    ['messages of seven', { sent: 6n }, 'lane prove seven'],
    ['releases of seven', { released: 9n }, 'lane release seven'],
    ['releases of seven', { released: 9n }, 'batch 7/2'],
    ['commits', { number: 4n }, 'lane *'],
  ] as const)(
    'are no alarm where %s differ (%o) because the operator holds %s, and have all their time after it',
    async (name, change, subject) => {
      const { chain, later } = compared();
      Object.assign(chain, change);
      expect(await later(0)).toEqual([]);
      expect(await later(PATIENCE_MS)).toEqual([`${name} RELAYER_LEDGER_DISAGREES`]);
      holding(subject);
      for (const ms of [10_000, PATIENCE_MS, PATIENCE_MS]) expect(await later(ms)).toEqual([]);
      expect(rewind).toHaveBeenCalledTimes(name.startsWith('messages') ? 1 : 0);
      holding();
      for (const ms of [10_000, PATIENCE_MS - 1]) expect(await later(ms)).toEqual([]);
      expect(await later(10_000)).toEqual([`${name} RELAYER_LEDGER_DISAGREES`]);
    },
  );

  it('are an alarm where the operator holds a lane of one enclave and there are enough others', async () => {
    const { chain, later } = compared();
    holding('lane confirm @ enclave-1', 'lane release eight', 'batch 8/0');
    Object.assign(chain, { number: 4n, released: 9n });
    expect(await later(0)).toEqual([]);
    const alarms = [
      'commits RELAYER_LEDGER_DISAGREES',
      'releases of seven RELAYER_LEDGER_DISAGREES',
    ];
    expect(await later(PATIENCE_MS)).toEqual(alarms);
    holding('lane confirm @ enclave-1', 'lane confirm @ enclave-0', 'lane release seven');
    expect(await later(10_000)).toEqual([]);
  });

  it('are an alarm of its own where no ledger is shared by as many enclaves as have to sign', async () => {
    const { ledger, later } = compared(2);
    for (const ms of [0, PATIENCE_MS - 1]) expect(await later(ms)).toEqual([]);
    expect(await later(10_000)).toEqual(['the shared ledger RELAYER_QUORUM_MISSING']);
    ledger.enclaves = 2;
    expect(await later(10_000)).toEqual([]);
  });
});
