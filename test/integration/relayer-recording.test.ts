import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import { ANCHOR_SLOTS } from '../../src/protocol/contracts.ts';
import type { Bridge, Side } from '../../src/relayer/bridge.ts';
import { finalCommitCount } from '../../src/relayer/journal/commits.ts';
import { finalControlCount } from '../../src/relayer/journal/control-messages.ts';
import { loadCursor } from '../../src/relayer/journal/cursors.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { ANY_BLOCK, finalMessages } from '../../src/relayer/journal/messages.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { requireAllSeen, rewind } from '../../src/relayer/watch/reconcile.ts';
import { recordFinal, recordHead } from '../../src/relayer/watch/record-chain.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { ANCHOR, commitLog, controlLog } from '../support/bridge-logs.ts';
import { journaledChanges } from '../support/journaled-changes.ts';

// A node that leaves out or makes up logs is the fault here, and no real one does it when asked to.

const GATEWAY: Hex = `0x${'0a'.repeat(20)}`;
const WORD: Hex = `0x${'cd'.repeat(32)}`;
const PERSON: Hex = `0x${'ef'.repeat(20)}`;
const CHAIN_ID = 31337n;

function deposited(index: bigint, blockNumber: number, amount = 10n): ContractLog {
  const args = [index, PERSON, WORD, amount, 1n, 420420499n, 1n, PERSON, '0x01', WORD];
  const { topics, data } = GATEWAY_ABI.encodeEventLog('Deposited', args);
  return {
    address: GATEWAY,
    topics: topics as Hex[],
    data: data as Hex,
    blockNumber,
    blockHash: WORD,
    logIndex: 0,
    transactionHash: WORD,
  };
}

describe('what a chain says, in the journal', () => {
  let journal: OpenDatabase;
  let bridge: Bridge;
  let side: Side;
  let logs: ContractLog[];
  let sent: bigint;
  let asked: [number, number][];

  beforeEach(async () => {
    journal = await openEmbedded();
    logs = [];
    asked = [];
    sent = 0n;
    const chain = {
      name: 'ethereum',
      chainId: CHAIN_ID,
      logs: async ({ fromBlock, toBlock }: { fromBlock: number; toBlock: number }) => {
        asked.push([fromBlock, toBlock]);
        return logs.filter(({ blockNumber: n }) => n >= fromBlock && n <= toBlock);
      },
      word: async () => `0x${sent.toString(16).padStart(64, '0')}`,
    };
    side = {
      chain,
      gateway: GATEWAY,
      fromBlock: 3,
      contracts: [GATEWAY],
      recording: new Serial(),
      submitting: new Serial(),
    } as unknown as Side;
    const log = pino({ level: 'silent' });
    bridge = {
      database: journal.database,
      log,
      clock: { nowMs: () => 1 },
      anchor: { side: {} as Side, address: ANCHOR },
    } as Partial<Bridge> as Bridge;
  });
  afterEach(() => journal.close());

  const at = (number: number) => ({ number, hash: WORD });
  const finals = async () => {
    const range = { chainId: CHAIN_ID, fromIndex: 0n, toBlock: ANY_BLOCK, limit: 99 };
    return (await finalMessages(journal.database, range)).map(({ index, amount }) => [
      index,
      amount,
    ]);
  };
  const states = async () =>
    (await journaledChanges(journal.database)).map(({ subject, state }) => `${subject} ${state}`);

  it('is read from the block of the deployment on, once it is final, and only once', async () => {
    logs = [deposited(0n, 4)];
    await recordFinal(bridge, side, at(5));
    await recordFinal(bridge, side, at(5));
    await recordFinal(bridge, side, at(8));
    expect(asked).toEqual([
      [3, 5],
      [6, 8],
    ]);
    expect(await loadCursor(journal.database, CHAIN_ID)).toBe(8);
    expect(await finals()).toEqual([[0n, 10n]]);
  });

  it('is read in parts where there is much of it', async () => {
    await recordFinal(bridge, side, at(1200));
    expect(asked).toEqual([
      [3, 502],
      [503, 1002],
      [1003, 1200],
    ]);
  });

  it('leaves the cursor while it is not final, and a fork may change it', async () => {
    logs = [deposited(0n, 6, 11n)];
    await recordHead(bridge, side, { head: at(6), final: at(2) });
    expect(await loadCursor(journal.database, CHAIN_ID)).toBeUndefined();
    expect(await finals()).toEqual([]);
    logs = [deposited(0n, 7, 12n)];
    await recordFinal(bridge, side, at(7));
    expect(await finals()).toEqual([[0n, 12n]]);
    expect(await states()).toEqual([
      `message ${CHAIN_ID}/0 observed`,
      `message ${CHAIN_ID}/0 finalized`,
    ]);
  });

  it('is read again if the gateway counts more than the node told of', async () => {
    sent = 2n;
    logs = [deposited(0n, 4)];
    await recordFinal(bridge, side, at(9));
    logs = [deposited(0n, 4), deposited(1n, 6)];
    await requireAllSeen(bridge, side, at(9));
    await recordFinal(bridge, side, at(9));
    expect(await finals()).toEqual([
      [0n, 10n],
      [1n, 10n],
    ]);
    await requireAllSeen(bridge, side, at(9));
    expect(await loadCursor(journal.database, CHAIN_ID)).toBe(9);
  });

  it('is read again from the gap if it is one in the middle that is missing', async () => {
    sent = 3n;
    logs = [deposited(0n, 4), deposited(2n, 8)];
    await recordFinal(bridge, side, at(9));
    logs = [deposited(0n, 4), deposited(1n, 6), deposited(2n, 8)];
    await requireAllSeen(bridge, side, at(9));
    await recordFinal(bridge, side, at(9));
    expect((await finals()).map(([index]) => index)).toEqual([0n, 1n, 2n]);
  });

  it('stays final while it is read again', async () => {
    logs = [deposited(0n, 4), deposited(1n, 6)];
    await recordFinal(bridge, side, at(9));
    const before = await states();
    await rewind(bridge, side, 1n);
    await recordHead(bridge, side, { head: at(12), final: at(9) });
    expect(await states()).toEqual(before);
    await recordFinal(bridge, side, at(10));
    expect(await states()).toEqual(before);
    expect((await finals()).map(([index]) => index)).toEqual([0n, 1n]);
  });

  describe('where the anchor is', () => {
    let counts: Record<string, bigint>;
    beforeEach(() => {
      counts = {};
      const word = async (contract: Hex, slot: Hex) =>
        `0x${(counts[`${contract} ${slot}`] ?? 0n).toString(16).padStart(64, '0')}` as const;
      side = { ...side, chain: { ...side.chain, word }, contracts: [ANCHOR] };
      bridge = { ...bridge, anchor: { side, address: ANCHOR } };
    });
    const counted = (slot: Hex, count: bigint) => {
      counts[`${ANCHOR} ${slot}`] = count;
    };

    it('is read again if the anchor has said more than the node told of', async () => {
      counted(ANCHOR_SLOTS.controlCount, 3n);
      const said = [0n, 1n, 2n].map((index, i) =>
        controlLog({ index, kind: 2, payload: WORD }, 4 + i),
      );
      logs = [said[0], said[2]].flatMap((log) => log ?? []);
      await recordFinal(bridge, side, at(9));
      expect(await finalControlCount(journal.database)).toBe(2n);
      logs = said;
      await requireAllSeen(bridge, side, at(9));
      // From the block of the last one that is there.
      expect(await loadCursor(journal.database, CHAIN_ID)).toBe(3);
      await recordFinal(bridge, side, at(9));
      expect(await finalControlCount(journal.database)).toBe(3n);
      await requireAllSeen(bridge, side, at(9));
      expect(await loadCursor(journal.database, CHAIN_ID)).toBe(9);
    });

    it('is read again if it has more commits than the node told of', async () => {
      counted(ANCHOR_SLOTS.number, 2n);
      const commits = [commitLog(1n, [], 4), commitLog(2n, [], 6)];
      logs = commits.slice(0, 1);
      await recordFinal(bridge, side, at(9));
      logs = commits;
      await requireAllSeen(bridge, side, at(9));
      expect(await loadCursor(journal.database, CHAIN_ID)).toBe(3);
      await recordFinal(bridge, side, at(9));
      await requireAllSeen(bridge, side, at(9));
      expect(await finalCommitCount(journal.database)).toBe(2n);
      expect(await loadCursor(journal.database, CHAIN_ID)).toBe(9);
    });

    it('is read no further than a gateway of another chain where it is not', async () => {
      bridge = { ...bridge, anchor: { side: {} as Side, address: ANCHOR } };
      counted(ANCHOR_SLOTS.controlCount, 3n);
      await recordFinal(bridge, side, at(9));
      await requireAllSeen(bridge, side, at(9));
      expect(await loadCursor(journal.database, CHAIN_ID)).toBe(9);
    });
  });

  it('keeps nothing of blocks among which one cannot be read', async () => {
    logs = [deposited(0n, 4), { ...deposited(1n, 5), data: '0x' }];
    await expect(recordFinal(bridge, side, at(6))).rejects.toMatchObject({
      code: 'CHAIN_ANSWER_MALFORMED',
    });
    expect(await finals()).toEqual([]);
    expect(await loadCursor(journal.database, CHAIN_ID)).toBeUndefined();
  });
});
