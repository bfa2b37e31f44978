import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContractLog, LogFilter } from '../../src/chains/shared/bridged-chain.ts';
import { cleanLogs } from '../../src/chains/shared/clean-logs.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../src/protocol/enclave-commands.ts';
import { type ChainPosition, EMPTY_HEAD } from '../../src/protocol/message.ts';
import type { Bridge, EnclaveLine, Side } from '../../src/relayer/bridge.ts';
import { lastFinalCommit } from '../../src/relayer/journal/commits.ts';
import { finalControlCount } from '../../src/relayer/journal/control-messages.ts';
import { loadCursor } from '../../src/relayer/journal/cursors.ts';
import {
  type Database,
  type OpenDatabase,
  openEmbedded,
} from '../../src/relayer/journal/database.ts';
import { ANY_BLOCK, finalMessageCount, finalMessages } from '../../src/relayer/journal/messages.ts';
import { stateChanges } from '../../src/relayer/journal/schema.ts';
import { Quorum } from '../../src/relayer/quorum/quorum.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { controlOf, messagesOf, rewind, takeRefusal } from '../../src/relayer/watch/reconcile.ts';
import { recordFinal, recordHead, recordProven } from '../../src/relayer/watch/record-chain.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { ANCHOR, depositLog, GATEWAY } from '../support/bridge-logs.ts';
import {
  blockAt as at,
  type CountedChain,
  createCountedChain,
  wordOf,
} from '../support/counted-chain.ts';
import { openFreshPostgres } from '../support/fresh-postgres.ts';
import { journaledChanges } from '../support/journaled-changes.ts';

// A node that leaves out or makes up logs is the fault here, and no real one does it when asked to.

const CHAIN_ID = 31337n;
const NEVER = new AbortController().signal;
const INCOMPLETE = { code: 'CHAIN_ANSWER_INCOMPLETE' };

/** What a node tells of the truth. */
interface Tales {
  logs: (honest: ContractLog[]) => ContractLog[];
  word: (honest: Hex, slot: Hex, contract: Hex) => Hex;
  /** Number of the newest block that it calls final. */
  final: number;
}

interface Scene {
  readonly bridge: Bridge;
  readonly side: Side;
  readonly chain: CountedChain;
  /** Honest until a test says otherwise. */
  readonly tales: Tales;
  readonly asked: [number, number][];
  /** Why, each time. */
  readonly distrusted: string[];
}

function sceneOn(database: Database, chain: CountedChain): Scene {
  const tales: Tales = { logs: (honest) => honest, word: (honest) => honest, final: 99 };
  const asked: [number, number][] = [];
  const distrusted: string[] = [];
  const node = {
    name: 'ethereum',
    chainId: CHAIN_ID,
    logs: async (filter: LogFilter) => {
      asked.push([filter.fromBlock, filter.toBlock]);
      return cleanLogs('ethereum', filter, tales.logs(chain.logsIn(filter)));
    },
    word: async (contract: Hex, slot: Hex, hash?: Hex) =>
      tales.word(await chain.word(contract, slot, hash), slot, contract),
    hashAt: async (blockNumber: number) => at(blockNumber).hash,
    finalizedHead: async () => at(tales.final),
    distrust: (why: string) => void distrusted.push(why),
  };
  const side = {
    chain: node,
    gateway: GATEWAY,
    fromBlock: 3,
    contracts: [GATEWAY, ANCHOR],
    recording: new Serial(),
    submitting: new Serial(),
  } as unknown as Side;
  const bridge = {
    database,
    log: pino({ level: 'silent' }),
    clock: { nowMs: () => 1 },
    anchor: { side, address: ANCHOR },
  } as Partial<Bridge> as Bridge;
  return { bridge, side, chain, tales, asked, distrusted };
}

describe('what a chain says, in the journal', () => {
  let journal: OpenDatabase;
  let scene: Scene;

  beforeAll(async () => {
    journal = await openEmbedded();
  });
  beforeEach(async () => {
    await journal.database.execute(
      sql`TRUNCATE messages, commits, control_messages, releases, claims, cursors, state_changes`,
    );
    scene = sceneOn(journal.database, createCountedChain(CHAIN_ID));
  });
  afterAll(() => journal.close());

  const final = (number: number) => recordFinal(scene.bridge, scene.side, at(number));
  const head = (number: number, finalNumber: number) =>
    recordHead(scene.bridge, scene.side, { head: at(number), final: at(finalNumber) });
  const finals = async () => {
    const range = { chainId: CHAIN_ID, fromIndex: 0n, toBlock: ANY_BLOCK, limit: 99 };
    const rows = await finalMessages(journal.database, range);
    return rows.map(({ index, amount }) => [index, amount]);
  };
  const states = async () =>
    (await journaledChanges(journal.database)).map(({ subject, state }) => `${subject} ${state}`);
  const cursor = () => loadCursor(journal.database, CHAIN_ID);
  const without = (name: 'index' | 'all', left?: number) => (honest: ContractLog[]) =>
    name === 'all' ? [] : honest.filter((log) => log !== scene.chain.logs[left ?? -1]);

  it('is read from the block of the deployment on, once it is final, and only once', async () => {
    scene.chain.deposit(4);
    await final(5);
    await final(5);
    await final(8);
    expect(scene.asked).toEqual([
      [3, 5],
      [6, 8],
    ]);
    expect(await cursor()).toBe(8);
    expect(await finals()).toEqual([[0n, 10n]]);
  });

  it('is not thought to have no finality any more because nobody tells of it', async () => {
    scene.chain.deposit(4);
    // Before anything is final that is what a chain looks like; nothing before the deployment is asked for.
    await final(0);
    await head(4, 0);
    expect(scene.asked).toEqual([[3, 4]]);
    await final(5);
    await expect(final(0)).rejects.toMatchObject({ code: 'CHAIN_ANSWER_INCOMPLETE' });
    expect(await cursor()).toBe(5);
    expect(scene.distrusted).toEqual([]);
  });

  it('is read in parts, of more and more blocks while they show little', async () => {
    await final(1200);
    expect(scene.asked).toEqual([
      [3, 34],
      [35, 162],
      [163, 662],
      [663, 1162],
      [1163, 1200],
    ]);
    expect(await cursor()).toBe(1200);
  });

  it('is read once before it is final, but for the last block, whose logs may have come late', async () => {
    scene.chain.deposit(5);
    await head(6, 2);
    scene.chain.deposit(8);
    await head(7, 2);
    await head(9, 2);
    expect(scene.asked).toEqual([
      [3, 6],
      [6, 7],
      [7, 9],
    ]);
    expect(await states()).toHaveLength(2);
    await final(9);
    expect((await finals()).length).toBe(2);
  });

  it('is read anew before it is final once a fork has replaced it', async () => {
    scene.chain.deposit(5);
    await head(6, 2);
    const fork = { ...scene.side.chain, hashAt: async () => undefined };
    const side = Object.assign(scene.side, { chain: fork });
    scene.tales.logs = () => [];
    await recordHead(scene.bridge, side, { head: at(7), final: at(2) });
    expect(scene.asked.at(-1)).toEqual([3, 7]);
    expect(await states()).toEqual([]);
  });

  it('leaves the cursor while it is not final, and a fork may change it', async () => {
    scene.tales.logs = () => [depositLog(0n, 6)];
    await head(6, 2);
    expect(await cursor()).toBeUndefined();
    expect(await finals()).toEqual([]);
    scene.chain.deposit(7, 12n);
    scene.tales.logs = (honest) => honest;
    await final(7);
    expect(await finals()).toEqual([[0n, 12n]]);
    expect(await states()).toEqual([
      `message ${CHAIN_ID}/0 observed`,
      `message ${CHAIN_ID}/0 finalized`,
    ]);
  });

  it('is not written down of blocks that show nothing, unless they have shown something before', async () => {
    const begun = vi.spyOn(journal.database, 'transaction');
    await head(6, 2);
    expect(begun).not.toHaveBeenCalled();
    scene.tales.logs = () => [depositLog(0n, 7)];
    await head(7, 2);
    expect(await states()).toEqual([`message ${CHAIN_ID}/0 observed`]);
    scene.tales.logs = () => [];
    await head(8, 2);
    expect(await states()).toEqual([]);
    expect(begun).toHaveBeenCalledTimes(2);
    await head(9, 2);
    expect(begun).toHaveBeenCalledTimes(2);
    begun.mockRestore();
  });

  it('is passed by in one statement where final blocks show nothing and nothing is counted', async () => {
    scene.chain.deposit(4);
    await final(5);
    const begun = vi.spyOn(journal.database, 'transaction');
    await final(9);
    expect(await cursor()).toBe(9);
    expect(begun).not.toHaveBeenCalled();
    // What a fork has shown and no contract counts is looked into, and so is what is counted and not shown.
    scene.tales.logs = () => [depositLog(1n, 10)];
    await head(10, 9);
    scene.tales.logs = () => [];
    await final(10);
    expect(begun).toHaveBeenCalledTimes(2);
    expect(await states()).toHaveLength(2);
    scene.chain.deposit(11);
    await expect(final(11)).rejects.toMatchObject({ code: 'CHAIN_ANSWER_INCOMPLETE' });
    begun.mockRestore();
  });

  it('keeps what is not final yet while a node shows an older head', async () => {
    scene.chain.deposit(7);
    await head(8, 2);
    const before = await states();
    await head(6, 2);
    await head(1, 2);
    expect(await states()).toEqual(before);
  });

  it.each([
    ['a deposit', (chain: CountedChain) => chain.deposit(6), [2n, 0n, 0n, 0n]],
    ['a release', (chain: CountedChain) => chain.release(6), [1n, 1n, 0n, 0n]],
    ['what the anchor says', (chain: CountedChain) => chain.say(6), [1n, 0n, 1n, 0n]],
    ['a commit', (chain: CountedChain) => chain.commit(6), [1n, 0n, 0n, 1n]],
  ])('is not passed by while a node leaves out %s', async (_, happen, expected) => {
    scene.chain.deposit(4);
    await final(5);
    happen(scene.chain);
    const before = await states();
    scene.tales.logs = without('all');
    await expect(final(9)).rejects.toMatchObject(INCOMPLETE);
    await expect(final(9)).rejects.toMatchObject(INCOMPLETE);
    expect(scene.distrusted[0]).toContain('its logs are not what');
    expect(await cursor()).toBeLessThanOrEqual(5);
    expect(await states()).toEqual(before);
    scene.tales.logs = (honest) => honest;
    await final(9);
    expect(await cursor()).toBe(9);
    const { database } = journal;
    const counts = [
      await finalMessageCount(database, CHAIN_ID),
      BigInt((await states()).filter((one) => one.endsWith(' released')).length),
      await finalControlCount(database),
      (await lastFinalCommit(database)) ?? 0n,
    ];
    expect(counts).toEqual(expected);
  });

  it('is not passed by while one in the middle is missing', async () => {
    for (const block of [4, 6, 8]) scene.chain.deposit(block);
    scene.tales.logs = without('index', 1);
    await expect(final(9)).rejects.toMatchObject(INCOMPLETE);
    expect(await finals()).toEqual([]);
    scene.tales.logs = (honest) => honest;
    await final(9);
    expect((await finals()).map(([index]) => index)).toEqual([0n, 1n, 2n]);
  });

  it('is found again where a node had left out a log and counted it neither', async () => {
    for (const block of [4, 100, 140]) scene.chain.release(block);
    scene.tales.logs = (honest) => honest.filter(({ blockNumber }) => blockNumber === 4);
    scene.tales.word = (honest, slot) =>
      slot === GATEWAY_SLOTS.releasedCount ? wordOf(1n) : honest;
    await final(400);
    expect(await cursor()).toBe(400);
    scene.tales.logs = (honest) => honest;
    scene.tales.word = (honest) => honest;
    let failures = 0;
    while ((await cursor()) !== 401) {
      await final(401).catch((error) => {
        expect(error).toMatchObject(INCOMPLETE);
        failures += 1;
      });
    }
    // Further back each time, and not from the beginning at once.
    expect(failures).toBe(3);
    expect((await states()).filter((one) => one.startsWith('release'))).toHaveLength(6);
  });

  it.each([
    ['a body that is another', (log: ContractLog) => [{ ...log, data: depositLog(0n, 4).data }]],
    ['one that nobody sent', (log: ContractLog) => [log, { ...depositLog(1n, 5), logIndex: 9 }]],
  ])('takes over none of it while a node tells of %s', async (_, lie) => {
    scene.chain.deposit(4, 77n);
    scene.tales.logs = (honest) => honest.flatMap(lie);
    await expect(final(9)).rejects.toMatchObject(INCOMPLETE);
    expect(await states()).toEqual([]);
    scene.tales.logs = (honest) => honest;
    await final(10);
    expect(await finals()).toEqual([[0n, 77n]]);
    expect(await states()).toHaveLength(2);
  });

  it('does not go on where a node counts fewer than are known', async () => {
    scene.chain.deposit(4);
    await final(5);
    scene.tales.word = () => wordOf(0n);
    await expect(final(9)).rejects.toMatchObject(INCOMPLETE);
    expect(await finals()).toEqual([[0n, 10n]]);
    expect(await cursor()).toBeLessThanOrEqual(5);
  });

  it('refuses a commit that does not lead to the state that the anchor has', async () => {
    scene.chain.commit(4);
    scene.chain.commit(6);
    scene.tales.word = (honest, slot, contract) =>
      contract === ANCHOR && slot === ANCHOR_SLOTS.stateId ? wordOf(1n) : honest;
    await expect(final(9)).rejects.toMatchObject(INCOMPLETE);
    expect(await lastFinalCommit(journal.database)).toBeUndefined();
    scene.tales.word = (honest) => honest;
    await final(9);
    expect(await lastFinalCommit(journal.database)).toBe(2n);
  });

  it('is final up to where an enclave says so only if the chain says so as well', async () => {
    scene.chain.deposit(4);
    scene.chain.deposit(8);
    scene.tales.final = 5;
    const untold = { code: 'CHAIN_UNAVAILABLE' };
    await expect(recordProven(scene.bridge, scene.side, at(9))).rejects.toMatchObject(untold);
    const other = { number: 5, hash: EMPTY_HEAD };
    await expect(recordProven(scene.bridge, scene.side, other)).rejects.toMatchObject(untold);
    expect(await finals()).toEqual([]);
    await recordProven(scene.bridge, scene.side, at(5));
    expect(await finals()).toEqual([[0n, 10n]]);
    // Of what it has already nobody is asked.
    await recordProven(scene.bridge, scene.side, { number: 4, hash: EMPTY_HEAD });
    scene.tales.final = 9;
    await recordProven(scene.bridge, scene.side, at(9));
    expect(await finals()).toHaveLength(2);
  });

  it('stays final while it is read again', async () => {
    for (const block of [4, 6, 7]) scene.chain.deposit(block);
    scene.chain.say(7);
    scene.chain.release(7);
    await final(9);
    const before = await states();
    await messagesOf(scene.bridge, scene.side).rewindTo({ count: 0n, head: EMPTY_HEAD });
    expect(scene.distrusted).toEqual([expect.stringContaining('an enclave has refused')]);
    expect(await finals()).toEqual([]);
    await head(12, 9);
    expect(await states()).toEqual(before);
    await final(10);
    expect(await states()).toEqual(before);
    expect((await finals()).map(([index]) => index)).toEqual([0n, 1n, 2n]);
    expect(await finalControlCount(journal.database)).toBe(1n);
    expect(await cursor()).toBe(10);
  });

  describe('which an enclave refuses', () => {
    const stranger = { count: 1n, head: `0x${'66'.repeat(32)}` } as const;
    /** Enclaves that stand at these places of both outboxes, of which so many have to sign. */
    const enclavesAt = (
      threshold: number,
      positions: readonly ChainPosition[],
      heard = <T>(all: readonly T[]) => all,
    ) => {
      const standings = positions.map((position, i) => ({
        line: { name: `enclave-${i + 1}` } as EnclaveLine,
        status: {
          ingested: [{ chainId: CHAIN_ID, position }],
          control: { position },
        } as unknown as EnclaveStatus,
      }));
      const vitals = new Vitals();
      const rulesOf = async () => ({ epoch: 0n, threshold, isAdmitted: async () => true });
      const quorum = new Quorum(vitals, { rulesOf });
      const board = { standings: async () => heard(standings) } as unknown as Bridge['board'];
      const enclaves = standings.map(({ line }) => line) as unknown as Bridge['enclaves'];
      const bridge = { ...scene.bridge, enclaves, board, quorum };
      const refuse = (by: number, outbox = messagesOf(bridge, scene.side)) => {
        const [line, position] = [standings[by - 1]?.line, positions[by - 1]];
        if (line === undefined || position === undefined) throw new RangeError('no such enclave');
        return takeRefusal(bridge, outbox, { line, position, signal: NEVER });
      };
      return { bridge, refuse, alarms: () => vitals.alarms().map(({ name }) => name) };
    };
    /** Three messages of either outbox are final, and the second and third are in blocks of their own. */
    const three = async () => {
      for (const block of [4, 6, 8]) {
        scene.chain.deposit(block);
        scene.chain.say(block);
      }
      await final(9);
      const beginning = { count: 0n, head: EMPTY_HEAD };
      return await messagesOf(scene.bridge, scene.side).replay(beginning, 2n);
    };
    const indices = async () => (await finals()).map(([index]) => index);

    it('is read again from where that enclave stands, if nobody else stands further', async () => {
      const second = await three();
      await enclavesAt(1, [second]).refuse(1);
      expect(await indices()).toEqual([0n, 1n]);
      await final(10);
      expect(await indices()).toEqual([0n, 1n, 2n]);
    });

    it('is read again from its beginning where nobody stands at a place that the journal knows', async () => {
      await three();
      await enclavesAt(1, [stranger]).refuse(1);
      expect(await indices()).toEqual([]);
      await final(10);
      expect(await indices()).toEqual([0n, 1n, 2n]);
    });

    it('stays where enough others have taken it, and the enclave is named', async () => {
      const second = await three();
      const { refuse, alarms } = enclavesAt(2, [second, second, stranger]);
      await refuse(3);
      expect(await indices()).toEqual([0n, 1n, 2n]);
      expect(alarms()).toEqual(['dissent of enclave-3']);
      expect(scene.distrusted).toEqual([]);
    });

    it('is read again behind what enough others have taken, from whichever place one refuses it', async () => {
      const second = await three();
      const beginning = { count: 0n, head: EMPTY_HEAD };
      const { refuse, alarms } = enclavesAt(2, [second, second, beginning]);
      await refuse(3);
      expect(await indices()).toEqual([0n, 1n]);
      expect(alarms()).toEqual([]);
      await final(10);
      expect(await indices()).toEqual([0n, 1n, 2n]);
    });

    it('stays, as the others have taken all of it, where an enclave refuses it from a place that is right', async () => {
      const second = await three();
      const third = await messagesOf(scene.bridge, scene.side).standing();
      const { refuse, alarms } = enclavesAt(2, [third, third, second]);
      await refuse(3);
      expect(await indices()).toEqual([0n, 1n, 2n]);
      expect(alarms()).toEqual(['dissent of enclave-3']);
      expect(scene.distrusted).toEqual([]);
    });

    it('stays while too few others say where they stand', async () => {
      const second = await three();
      const onlyThird = <T>(all: readonly T[]) => all.slice(2);
      const { bridge, refuse, alarms } = enclavesAt(2, [second, second, stranger], onlyThird);
      await refuse(3);
      await rewind(bridge, messagesOf(bridge, scene.side));
      expect(await indices()).toEqual([0n, 1n, 2n]);
      expect(alarms()).toEqual([]);
      expect(scene.distrusted).toEqual([]);
    });

    it('is not read again while the journal lacks what the enclave has', async () => {
      const { head: afterTwo } = await three();
      await enclavesAt(1, [{ count: 7n, head: afterTwo }]).refuse(1);
      expect(await indices()).toEqual([0n, 1n, 2n]);
    });

    it('is read again of the anchor’s own outbox in the same way', async () => {
      await three();
      const { bridge, refuse } = enclavesAt(1, [stranger]);
      await refuse(1, controlOf(bridge));
      expect(await finalControlCount(journal.database)).toBe(0n);
      await final(10);
      expect(await finalControlCount(journal.database)).toBe(3n);
      await rewind(bridge, controlOf(bridge));
      expect(await finalControlCount(journal.database)).toBe(0n);
    });
  });

  it('is asked of the anchor only on the anchor’s own chain', async () => {
    scene.chain.say(4);
    const bridge = { ...scene.bridge, anchor: { side: {} as Side, address: ANCHOR } };
    scene.tales.logs = without('all');
    await recordFinal(bridge, scene.side, at(9));
    expect(await cursor()).toBe(9);
  });

  it('keeps nothing of blocks among which one cannot be read', async () => {
    scene.chain.deposit(4);
    scene.chain.deposit(5);
    scene.tales.logs = ([first, second]) => [first, { ...second, data: '0x' }] as ContractLog[];
    await expect(final(6)).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
    expect(await finals()).toEqual([]);
    expect(await cursor()).toBeUndefined();
  });

  it('refuses a commit that consumes more than there can be', async () => {
    scene.chain.commit(4, { from: CHAIN_ID, count: 2n ** 62n });
    await expect(head(5, 2)).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
    await expect(final(5)).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
  });
});

describe('what two processes record in one journal', () => {
  const postgresUrl = process.env['POSTGRES_URL'];
  let journal: OpenDatabase;
  let chain: CountedChain;
  let one: Scene;
  let other: Scene;

  beforeEach(async () => {
    journal = await (postgresUrl === undefined ? openEmbedded() : openFreshPostgres(postgresUrl));
    chain = createCountedChain(CHAIN_ID);
    one = sceneOn(journal.database, chain);
    other = sceneOn(journal.database, chain);
  });
  afterEach(() => journal.close());

  it('is not taken back by one whose node is behind', async () => {
    chain.deposit(7);
    await recordFinal(one.bridge, one.side, at(9));
    const before = await journaledChanges(journal.database);
    expect(before).not.toEqual([]);
    other.tales.logs = () => [];
    await recordHead(other.bridge, other.side, { head: at(8), final: at(5) });
    expect(await journaledChanges(journal.database)).toEqual(before);
  });

  it('goes on from where the other has come, and nobody is distrusted for it', async () => {
    chain.deposit(4);
    // While the other one has its answer, which is of before, this one goes on.
    const { promise: isAhead, resolve: goOn } = Promise.withResolvers<void>();
    const { logs } = other.side.chain;
    const late = async (filter: LogFilter) => {
      const answer = await logs(filter);
      await isAhead;
      return answer;
    };
    const side = { ...other.side, chain: { ...other.side.chain, logs: late } };
    const behind = recordFinal(other.bridge, side, at(5));
    await expect.poll(() => other.asked).toHaveLength(1);
    chain.deposit(8);
    await recordFinal(one.bridge, one.side, at(9));
    goOn();
    await behind;
    expect(await loadCursor(journal.database, CHAIN_ID)).toBe(9);
    expect(await finalMessageCount(journal.database, CHAIN_ID)).toBe(2n);
    expect(other.distrusted).toEqual([]);
  });
});

describe('much of it in a few blocks', () => {
  const DEPOSITS = 6_000;
  const chain = createCountedChain(CHAIN_ID);

  beforeAll(() => {
    for (let i = 0; i < DEPOSITS; i++) chain.deposit(4 + Math.floor(i / 2000));
    chain.commit(9, { from: CHAIN_ID, count: BigInt(DEPOSITS) });
  });

  /** More rows of everything than a statement has values. */
  function describeRows(name: string, open: () => Promise<OpenDatabase>): void {
    it(`is taken whole, and by portions, on ${name}`, async () => {
      const journal = await open();
      try {
        const { database } = journal;
        const { bridge, side, asked } = sceneOn(database, chain);
        await recordFinal(bridge, side, at(20));
        expect(asked).toEqual([[3, 20]]);
        expect(await finalMessageCount(database, CHAIN_ID)).toBe(BigInt(DEPOSITS));
        expect(await loadCursor(database, CHAIN_ID)).toBe(20);
        // Observed, final, committed and anchored, each of them.
        expect(await database.$count(stateChanges)).toBe(4 * DEPOSITS);
      } finally {
        await journal.close();
      }
    }, 120_000);
  }

  describeRows('the embedded database', () => openEmbedded());
  const postgresUrl = process.env['POSTGRES_URL'];
  if (postgresUrl === undefined) {
    it.skip('is taken on Postgres (skipped: POSTGRES_URL is not set)', () => undefined);
  } else {
    describeRows('Postgres', () => openFreshPostgres(postgresUrl));
  }
});
