import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FinalitySource } from '../../../src/chains/shared/finality-source.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../src/protocol/enclave-commands.ts';
import { EMPTY_HEAD } from '../../../src/protocol/message.ts';
import type { EnclaveLine, Side } from '../../../src/relayer/bridge.ts';
import { batchAfter, type SignedReleaseBatch } from '../../../src/relayer/journal/batches.ts';
import { lastFinalCommit, unrevealedCommits } from '../../../src/relayer/journal/commits.ts';
import type { Database } from '../../../src/relayer/journal/database.ts';
import { finalMessageCount } from '../../../src/relayer/journal/messages.ts';
import { type PlannedBridge, planJobs } from '../../../src/relayer/plan.ts';
import type { Hex } from '../../../src/shared/bytes.ts';

// What the journal holds is said here: that it says what it holds is in test/integration/journal.test.ts.
vi.mock('../../../src/relayer/journal/batches.ts', () => ({ batchAfter: vi.fn() }));
vi.mock('../../../src/relayer/journal/messages.ts', () => ({ finalMessageCount: vi.fn() }));
vi.mock('../../../src/relayer/journal/commits.ts', () => ({
  lastFinalCommit: vi.fn(),
  unrevealedCommits: vi.fn(),
}));

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const IDS = [1n, 2n, 3n] as const;

/** An enclave that has taken in and consumed this many messages of chain 1. */
function statusAt({
  ingested = 0n,
  consumed = 0n,
  number = 0n,
  stateId = word('50'),
  ahead = null as bigint | null,
} = {}) {
  const head = word('00');
  return {
    ledger: { number, stateId, inputs: IDS.map((chainId) => ({ chainId, count: consumed })) },
    ingested: IDS.map((chainId) => ({
      chainId,
      position: { count: chainId === 1n ? ingested : consumed, head },
      ahead: chainId === 1n && ahead !== null ? { count: ahead, head } : null,
    })),
    lightClients: ['beacon', 'relay'].map((client) => ({ client })),
  } as unknown as EnclaveStatus;
}

/** A bridge of three chains, two of which one light client makes final. */
function bridgeOf(statuses: readonly (EnclaveStatus | Error)[]) {
  const words = new Map<Hex, Hex>();
  const due = new Map([
    ['beacon', false],
    ['relay', false],
  ]);
  const failing = new Set<bigint | string>();
  const sides = IDS.map((chainId) => ({
    chain: {
      chainId,
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
  const enclaves = statuses.map((status) => ({
    client: {
      ask: async () => {
        if (status instanceof Error) throw status;
        return status;
      },
    },
  })) as unknown as [EnclaveLine, ...EnclaveLine[]];
  const anchor = { side: sides[1] as Side, address: address('aa') };
  words.set(`${anchor.address}${ANCHOR_SLOTS.stateId}`, word('50'));
  return { words, due, failing, sides, enclaves, anchor, finality: finalityOf(source) };
}

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
    commits(undefined, []);
  });

  /** The newest final commit, and those that are not revealed. */
  const commits = (last: bigint | undefined, unrevealed: bigint[]) => {
    vi.mocked(lastFinalCommit).mockResolvedValue(last);
    vi.mocked(unrevealedCommits).mockResolvedValue(unrevealed);
  };
  const surroundings = { database: {} as Database, log: pino({ level: 'silent' }) };
  const plan = async (bridge: Omit<PlannedBridge, 'database' | 'log'>) =>
    (await planJobs({ ...bridge, ...surroundings })).map(({ kind, id }) => `${kind} ${id}`);

  it('is none where nothing has happened', async () => {
    expect(await plan(bridgeOf([statusAt()]))).toEqual([]);
  });

  it('is to prove what is final on a chain and not yet in every enclave', async () => {
    final.set(1n, 1n);
    expect(await plan(bridgeOf([statusAt({ ingested: 1n, consumed: 0n }), statusAt()]))).toEqual([
      'prove 1',
      'commit 1',
    ]);
    expect(await plan(bridgeOf([statusAt({ ingested: 1n, consumed: 1n })]))).toEqual([]);
    final.set(3n, 1n);
    expect(await plan(bridgeOf([statusAt()]))).toEqual(['prove 1', 'prove 3']);
  });

  it('is to send what an enclave had no room for again, once commits have made all of it', async () => {
    final.set(1n, 9n);
    const full = { ingested: 4n, ahead: 8n };
    expect(await plan(bridgeOf([statusAt({ ...full, consumed: 3n })]))).toEqual(['commit 1']);
    expect(await plan(bridgeOf([statusAt({ ...full, consumed: 4n })]))).toEqual(['prove 1']);
    // The journal is being read again and does not have it yet.
    final.set(1n, 7n);
    expect(await plan(bridgeOf([statusAt({ ...full, consumed: 4n })]))).toEqual([]);
  });

  it('is to commit what is proven and not consumed, where the anchor stands as the ledger does', async () => {
    const bridge = bridgeOf([statusAt({ ingested: 2n, consumed: 1n, number: 4n })]);
    expect(await plan(bridge)).toEqual(['commit 5']);
    bridge.words.set(`${bridge.anchor.address}${ANCHOR_SLOTS.stateId}`, word('66'));
    expect(await plan(bridge)).toEqual([]);
  });

  it('asks the first enclave that answers what to commit', async () => {
    const waiting = statusAt({ ingested: 2n });
    expect(await plan(bridgeOf([new Error('gone'), waiting]))).toEqual(['commit 1']);
    expect(await plan(bridgeOf([statusAt(), waiting]))).toEqual([]);
    expect(await plan(bridgeOf([new Error('gone')]))).toEqual([]);
  });

  it('is to confirm a final commit that an enclave lacks, or that is not revealed', async () => {
    commits(1n, [1n]);
    expect(await plan(bridgeOf([statusAt()]))).toEqual(['confirm 1']);
    expect(await plan(bridgeOf([statusAt({ number: 1n })]))).toEqual(['confirm 1']);
    commits(1n, []);
    expect(await plan(bridgeOf([statusAt({ number: 1n })]))).toEqual([]);
    expect(await plan(bridgeOf([statusAt({ number: 1n }), statusAt()]))).toEqual(['confirm 1']);
  });

  it('is to release the batch that goes on where a gateway stands', async () => {
    batchAt.set(`3 ${word('70')}`, {} as SignedReleaseBatch);
    const bridge = bridgeOf([statusAt()]);
    expect(await plan(bridge)).toEqual([]);
    bridge.words.set(`${address('03')}${GATEWAY_SLOTS.releasedHead}`, word('70'));
    expect(await plan(bridge)).toEqual(['release 3']);
  });

  it('is to follow each light client once that is due, however many chains lean on it', async () => {
    const bridge = bridgeOf([statusAt(), statusAt()]);
    bridge.due.set('relay', true);
    expect(await plan(bridge)).toEqual(['follow relay']);
    bridge.due.set('beacon', true);
    expect(await plan(bridge)).toEqual(['follow beacon', 'follow relay']);
  });

  it('is seen where a node answers, whatever the others do', async () => {
    final.set(1n, 1n);
    const bridge = bridgeOf([statusAt()]);
    bridge.due.set('relay', true);
    bridge.failing.add(1n).add(2n).add('beacon');
    expect(await plan(bridge)).toEqual(['prove 1', 'follow relay']);
  });
});
