import { describe, expect, test } from 'vitest';
import type { ContractLog } from '../../../src/chains/shared/bridged-chain.ts';
import {
  createLogIndex,
  type FinalLogs,
  type LogSource,
  type LogStore,
} from '../../../src/client/log-index.ts';
import { uintWord } from '../../../src/codec/abi.ts';
import { GATEWAY_SLOTS } from '../../../src/protocol/contracts.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import { depositLog, GATEWAY } from '../../support/bridge-logs.ts';

const hashAt = (number: number, fork: number): Hex =>
  `0x${`${fork}`.repeat(8)}${number.toString(16).padStart(56, '0')}`;

/** A chain on which deposits are made, one in each block that is named, and what was read of it. */
function chainOf(
  deposits: readonly number[],
  { final, fork = 1 }: { final: number; fork?: number },
) {
  const read: [number, number][] = [];
  const hidden = new Set<number>();
  const at = { final, fork };
  const all = (): ContractLog[] =>
    deposits.map((block, i) => ({
      ...depositLog(BigInt(i), block),
      blockHash: hashAt(block, at.fork),
    }));
  const chain: LogSource['chain'] = {
    name: 'one',
    chainId: 1n,
    head: async () => ({ number: at.final + 2, hash: hashAt(at.final + 2, at.fork) }),
    finalizedHead: async () => ({ number: at.final, hash: hashAt(at.final, at.fork) }),
    logs: async ({ fromBlock, toBlock }) => {
      read.push([fromBlock, toBlock]);
      const isIn = ({ blockNumber }: ContractLog) =>
        blockNumber >= fromBlock && blockNumber <= toBlock && !hidden.has(blockNumber);
      return all().filter(isIn);
    },
    word: async (_, slot) => {
      const count = deposits.filter((block) => block <= at.final).length;
      return toHex(uintWord(slot === GATEWAY_SLOTS.sentCount ? BigInt(count) : 0n));
    },
  };
  return { source: { chain, gateway: GATEWAY, fromBlock: 3 }, read, hidden, at };
}

function storeOf(): LogStore & { kept(): FinalLogs[]; cleared(): number } {
  let lines: FinalLogs[] = [];
  let cleared = 0;
  return {
    load: async () => {
      const [first] = lines;
      const nextBlock = lines.at(-1)?.nextBlock ?? 0;
      return first && { ...first, nextBlock, logs: lines.flatMap(({ logs }) => logs) };
    },
    append: async (more) => {
      lines.push(more);
    },
    clear: async () => {
      cleared += 1;
      lines = [];
    },
    kept: () => lines,
    cleared: () => cleared,
  };
}

const indexesIn = (index: ReturnType<typeof createLogIndex>) =>
  index.seen().messages.map((message) => Number(message.index));

describe('what a log index keeps', () => {
  test('is not read again by the next run, which goes on behind it', async () => {
    const chain = chainOf([4, 6, 11], { final: 8 });
    const store = storeOf();
    await createLogIndex(chain.source, store).refresh();
    expect(chain.read).toEqual([
      [3, 8],
      [9, 10],
    ]);
    chain.read.length = 0;
    chain.at.final = 12;
    const next = createLogIndex(chain.source, store);
    await next.refresh();
    expect(indexesIn(next)).toEqual([0, 1, 2]);
    // The last block that logged something is looked at, to know the chain by it.
    expect(chain.read).toEqual([
      [6, 6],
      [9, 12],
      [13, 14],
    ]);
    expect(store.cleared()).toBe(0);
  });

  test('is never of a block that is not final', async () => {
    const chain = chainOf([4, 9], { final: 8 });
    const store = storeOf();
    const index = createLogIndex(chain.source, store);
    await index.refresh();
    expect(indexesIn(index)).toEqual([0, 1]);
    expect(store.kept().flatMap(({ logs }) => logs.map((log) => log.blockNumber))).toEqual([4]);
  });

  test('is dropped where it is of another chain than the one that is there now', async () => {
    const chain = chainOf([4, 6], { final: 8 });
    const store = storeOf();
    await createLogIndex(chain.source, store).refresh();
    chain.at.fork = 2;
    const index = createLogIndex(chain.source, store);
    await index.refresh();
    expect(store.cleared()).toBe(1);
    expect(index.blockHashOf(4)).toBe(hashAt(4, 2));
    expect(indexesIn(index)).toEqual([0, 1]);
  });

  test('is dropped where the chain is shorter than what was read of it', async () => {
    const chain = chainOf([4], { final: 8 });
    const store = storeOf();
    await createLogIndex(chain.source, store).refresh();
    chain.at.final = 5;
    await createLogIndex(chain.source, store).refresh();
    expect(store.cleared()).toBe(1);
  });
});

describe('final logs that are fewer than the contracts count', () => {
  test('are read once more from the beginning, and then they are whole', async () => {
    const chain = chainOf([4, 6], { final: 5 });
    const store = storeOf();
    chain.hidden.add(6);
    const index = createLogIndex(chain.source, store);
    await index.refresh();
    chain.at.final = 8;
    const { logs } = chain.source.chain;
    chain.source.chain.logs = async (filter) => {
      const answer = await logs(filter);
      chain.hidden.clear();
      return answer;
    };
    await index.refresh();
    expect(indexesIn(index)).toEqual([0, 1]);
    expect(store.kept().map(({ fromBlock }) => fromBlock)).toEqual([3]);
  });

  test('are no answer where they stay so, and are not kept', async () => {
    const chain = chainOf([4, 6], { final: 8 });
    const store = storeOf();
    chain.hidden.add(6);
    const index = createLogIndex(chain.source, store);
    await expect(index.refresh()).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
    expect(store.kept()).toEqual([]);
    expect(indexesIn(index)).toEqual([]);
  });
});
