import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FinalitySource } from '../../../src/chains/shared/finality-source.ts';
import { GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../src/protocol/enclave-commands.ts';
import { EMPTY_HEAD } from '../../../src/protocol/message.ts';
import type { EnclaveLine, Side } from '../../../src/relayer/bridge.ts';
import { isCommitDue } from '../../../src/relayer/commit/is-commit-due.ts';
import { batchAfter, type SignedReleaseBatch } from '../../../src/relayer/journal/batches.ts';
import { lastFinalCommit } from '../../../src/relayer/journal/commits.ts';
import type { Database } from '../../../src/relayer/journal/database.ts';
import { type Hold, holdsOn } from '../../../src/relayer/journal/holds.ts';
import { finalMessageCount } from '../../../src/relayer/journal/messages.ts';
import { looksOf, type PlannedBridge } from '../../../src/relayer/plan.ts';
import { StatusBoard } from '../../../src/relayer/quorum/status-board.ts';
import { isSnapshotDue } from '../../../src/relayer/snapshot/keep-snapshot.ts';
import { noteHeld } from '../../../src/relayer/submit/note-held.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { quorumOf } from '../../support/quorum.ts';

// What the journal holds is said here: that it says what it holds is in test/integration/journal.test.ts.
vi.mock('../../../src/relayer/journal/batches.ts', () => ({ batchAfter: vi.fn() }));
vi.mock('../../../src/relayer/journal/messages.ts', () => ({ finalMessageCount: vi.fn() }));
vi.mock('../../../src/relayer/journal/commits.ts', () => ({ lastFinalCommit: vi.fn() }));
vi.mock('../../../src/relayer/journal/holds.ts', async (original) => ({
  ...(await original<typeof import('../../../src/relayer/journal/holds.ts')>()),
  holdsOn: vi.fn(),
}));
// When that is, is in commit/is-commit-due.test.ts and snapshot/keep-snapshot.test.ts.
vi.mock('../../../src/relayer/commit/is-commit-due.ts', () => ({ isCommitDue: vi.fn() }));
vi.mock('../../../src/relayer/submit/note-held.ts', () => ({ noteHeld: vi.fn() }));
vi.mock('../../../src/relayer/snapshot/keep-snapshot.ts', () => ({ isSnapshotDue: vi.fn() }));

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const IDS = [1n, 2n, 3n] as const;

/** An enclave that has taken in and consumed this many messages of chain 1. */
function statusAt({
  ingested = 0n,
  consumed = 0n,
  number = 0n,
  released = 0n,
  ahead = null as bigint | null,
} = {}) {
  const head = word('00');
  return {
    ledger: {
      number,
      inputs: IDS.map((chainId) => ({ chainId, count: consumed })),
      released: [{ chainId: 3n, position: { count: released, head } }],
    },
    ingested: IDS.map((chainId) => ({
      chainId,
      position: { count: chainId === 1n ? ingested : consumed, head },
      ahead: chainId === 1n && ahead !== null ? { count: ahead, head } : null,
    })),
    lightClients: ['beacon', 'relay'].map((client) => ({ client })),
  } as unknown as EnclaveStatus;
}

/** A bridge of three chains, two of which one light client makes final. */
function bridgeOf(statuses: readonly (EnclaveStatus | Error)[], threshold = 1) {
  const vitals = new Vitals();
  const words = new Map<Hex, Hex>();
  const due = new Map([
    ['beacon', false],
    ['relay', false],
  ]);
  const failing = new Set<bigint | string>();
  const sides = IDS.map((chainId) => ({
    chain: {
      chainId,
      name: `chain-${chainId}`,
      word: async (contract: Hex, slot: Hex) => {
        if (failing.has(chainId)) throw new Error('the node is gone');
        return words.get(`${contract}${slot}`) ?? EMPTY_HEAD;
      },
    },
    gateway: address(`0${chainId}`),
    lightClient: chainId === 1n ? 'beacon' : 'relay',
  })) as unknown as Side[];
  const source = (client: string) =>
    ({
      isDue: async () => {
        if (failing.has(client)) throw new Error('the node is gone');
        return due.get(client);
      },
    }) as unknown as FinalitySource;
  const enclaves = statuses.map((status, i) => ({
    name: `enclave-${i + 1}`,
    client: {
      ask: async () => {
        if (status instanceof Error) throw status;
        return status;
      },
    },
  })) as unknown as [EnclaveLine, ...EnclaveLine[]];
  const anchor = { side: sides[1] as Side, address: address('aa') };
  const finality = finalityOf(source);
  const cadence = { schedule: { startSec: 0n, roundSec: 4n }, commitEverySec: 6n };
  return {
    words,
    due,
    failing,
    sides,
    board: new StatusBoard(enclaves, vitals),
    quorum: quorumOf({ threshold }),
    anchor,
    finality,
    ...cadence,
    snapshotEveryCommits: 64n,
  };
}

const BATCH = { batch: { chainId: 3n, firstIndex: 0n } } as SignedReleaseBatch;

function finalityOf(source: (client: string) => FinalitySource) {
  return new Map(['beacon', 'relay'].map((client) => [client, source(client)]));
}

describe('the work there is', () => {
  const final = new Map<bigint, bigint>();
  const batchAt = new Map<string, SignedReleaseBatch>();

  beforeEach(() => {
    final.clear();
    batchAt.clear();
    vi.mocked(finalMessageCount).mockImplementation(async (_, chainId) => final.get(chainId) ?? 0n);
    vi.mocked(batchAfter).mockImplementation(async (_, chainId, head) =>
      batchAt.get(`${chainId} ${head}`),
    );
    vi.mocked(lastFinalCommit).mockResolvedValue(undefined);
    vi.mocked(holdsOn).mockResolvedValue([]);
    vi.mocked(isCommitDue).mockReset().mockResolvedValue(false);
    vi.mocked(isSnapshotDue).mockReset().mockResolvedValue(false);
  });

  const surroundings = {
    database: {} as Database,
    clock: { nowMs: () => 1 },
    log: pino({ level: 'silent' }),
    vitals: new Vitals(),
  };
  const plan = async (bridge: Omit<PlannedBridge, 'database' | 'clock' | 'log' | 'vitals'>) => {
    const looks = looksOf({ ...bridge, ...surroundings });
    const found = await Promise.allSettled(looks.map((look) => look.find()));
    const jobs = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    return jobs.map(({ kind, id, enclave }) => `${kind} ${id}${enclave ? ` @ ${enclave}` : ''}`);
  };

  it('is none where nothing has happened', async () => {
    expect(await plan(bridgeOf([statusAt()]))).toEqual([]);
  });

  it('is to prove what is final on a chain to each enclave that does not have it yet', async () => {
    final.set(1n, 1n);
    expect(await plan(bridgeOf([statusAt({ ingested: 1n, consumed: 0n }), statusAt()]))).toEqual([
      'prove 1 @ enclave-2',
    ]);
    expect(await plan(bridgeOf([statusAt({ ingested: 1n, consumed: 1n })]))).toEqual([]);
    final.set(3n, 1n);
    expect(await plan(bridgeOf([statusAt(), statusAt()]))).toEqual([
      'prove 1 @ enclave-1',
      'prove 1 @ enclave-2',
      'prove 3 @ enclave-1',
      'prove 3 @ enclave-2',
    ]);
  });

  it('is to send what an enclave had no room for again, once commits have made all of it', async () => {
    final.set(1n, 9n);
    const full = { ingested: 4n, ahead: 8n };
    expect(await plan(bridgeOf([statusAt({ ...full, consumed: 3n })]))).toEqual([]);
    expect(await plan(bridgeOf([statusAt({ ...full, consumed: 4n })]))).toEqual([
      'prove 1 @ enclave-1',
    ]);
    // The journal is being read again and does not have it yet.
    final.set(1n, 7n);
    expect(await plan(bridgeOf([statusAt({ ...full, consumed: 4n })]))).toEqual([]);
  });

  it('is to commit when that is due as the furthest of those see it that share a ledger and are enough', async () => {
    vi.mocked(isCommitDue).mockImplementation(async (_, { ledger }) => ledger.number === 4n);
    const four = statusAt({ number: 4n });
    expect(await plan(bridgeOf([new Error('gone'), four]))).toEqual(['commit 2']);
    expect(await plan(bridgeOf([statusAt(), four]))).toEqual(['commit 2']);
    // One alone, however far it claims to be, decides nothing where two have to sign.
    expect(await plan(bridgeOf([statusAt({ number: 9n }), four, four], 2))).toEqual(['commit 2']);
    expect(await plan(bridgeOf([statusAt(), four], 2))).toEqual([]);
    expect(await plan(bridgeOf([new Error('gone')]))).toEqual([]);
  });

  it('is to keep a snapshot when that is due', async () => {
    vi.mocked(isSnapshotDue).mockResolvedValue(true);
    expect(await plan(bridgeOf([statusAt({ number: 64n })]))).toEqual(['snapshot 2']);
    expect(await plan(bridgeOf([new Error('gone')]))).toEqual([]);
  });

  it('is to confirm a final commit to each enclave that lacks it', async () => {
    vi.mocked(lastFinalCommit).mockResolvedValue(1n);
    expect(await plan(bridgeOf([statusAt()]))).toEqual(['confirm 2 @ enclave-1']);
    expect(await plan(bridgeOf([statusAt({ number: 1n })]))).toEqual([]);
    expect(await plan(bridgeOf([statusAt({ number: 1n }), statusAt()]))).toEqual([
      'confirm 2 @ enclave-2',
    ]);
  });

  it('is to have revealed what a gateway has not paid, the journal does not have and enough enclaves know', async () => {
    const bridge = bridgeOf([statusAt(), statusAt({ released: 2n })]);
    const count = `${address('03')}${GATEWAY_SLOTS.releasedCount}` as const;
    expect(await plan(bridge)).toEqual(['reveal 3']);
    batchAt.set(`3 ${EMPTY_HEAD}`, BATCH);
    expect(await plan(bridge)).toEqual(['release 3']);
    batchAt.clear();
    bridge.words.set(count, `0x${'00'.repeat(31)}02`);
    expect(await plan(bridge)).toEqual([]);
    const claimed = [statusAt(), statusAt({ released: 2n })];
    expect(await plan(bridgeOf(claimed, 2))).toEqual([]);
  });

  it('is to release the batch that goes on where a gateway stands', async () => {
    batchAt.set(`3 ${word('70')}`, BATCH);
    const bridge = bridgeOf([statusAt()]);
    expect(await plan(bridge)).toEqual([]);
    bridge.words.set(`${address('03')}${GATEWAY_SLOTS.releasedHead}`, word('70'));
    expect(await plan(bridge)).toEqual(['release 3']);
  });

  it('is to release what is signed already, whether or not the anchor’s chain or an enclave answers', async () => {
    batchAt.set(`3 ${EMPTY_HEAD}`, BATCH);
    const bridge = bridgeOf([new Error('the enclave is gone')]);
    bridge.failing.add(2n).add('beacon').add('relay');
    expect(await plan(bridge)).toEqual(['release 3']);
  });

  it('is not to release a batch that the operator holds, nor what comes after it', async () => {
    const hold = (subject: Hold['subject']): Hold => ({ subject, reason: 'a test', atMs: 1 });
    batchAt.set(`3 ${EMPTY_HEAD}`, BATCH);
    const bridge = bridgeOf([statusAt({ released: 9n })]);
    vi.mocked(holdsOn).mockResolvedValue([hold('batch 3/1')]);
    expect(await plan(bridge)).toEqual(['release 3']);
    expect(noteHeld).not.toHaveBeenCalled();
    vi.mocked(holdsOn).mockResolvedValue([hold('batch 3/0')]);
    expect(await plan(bridge)).toEqual([]);
    const held = { firstIndex: 0n, reason: 'held-by-operator' };
    expect(vi.mocked(noteHeld).mock.lastCall?.[2]).toMatchObject(held);
  });

  it('is to take each light client of each enclave along once that is due, however many chains lean on it', async () => {
    const bridge = bridgeOf([statusAt(), statusAt()]);
    bridge.due.set('relay', true);
    const relay = ['follow relay @ enclave-1', 'follow relay @ enclave-2'];
    expect(await plan(bridge)).toEqual(relay);
    bridge.due.set('beacon', true);
    const beacon = ['follow beacon @ enclave-1', 'follow beacon @ enclave-2'];
    expect(await plan(bridge)).toEqual([...beacon, ...relay]);
  });

  it('is to find out in its own lane where an enclave’s light client is none that is meant', async () => {
    const strange = { ...statusAt(), lightClients: [] } as unknown as EnclaveStatus;
    const relay = ['follow relay @ enclave-1'];
    expect(await plan(bridgeOf([strange, statusAt()]))).toEqual([
      'follow beacon @ enclave-1',
      ...relay,
    ]);
  });

  it('is seen where a node answers, whatever the others do', async () => {
    final.set(1n, 1n);
    const bridge = bridgeOf([statusAt()]);
    bridge.due.set('relay', true);
    bridge.failing.add(1n).add(2n).add('beacon');
    expect(await plan(bridge)).toEqual(['prove 1 @ enclave-1', 'follow relay @ enclave-1']);
  });
});
