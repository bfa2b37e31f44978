import {
  type BlockRef,
  type BridgedChain,
  ChainError,
  type ContractLog,
} from '../chains/shared/bridged-chain.ts';
import { decodeLogs, joinSeen, NOTHING_SEEN, type SeenLogs } from '../chains/shared/decode-logs.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../protocol/contracts.ts';
import type { Hex } from '../shared/bytes.ts';

/** What a few contracts logged, read once each and kept: what a status view looks things up in. */
export interface LogIndex {
  /**
   * Reads what is new. Blocks that are not final are read again each time, so a fork leaves no trace.
   *
   * @throws {ChainError} CHAIN_ANSWER_MALFORMED: final logs are fewer than the contracts count, however often they are read
   */
  refresh(): Promise<void>;
  /** All that was logged so far, in the chain's order. */
  seen(): SeenLogs;
  /** Number of the newest final block at the last refresh; −1 before the first. */
  finalizedNumber(): number;
  /** Number of the newest block at the last refresh; −1 before the first. */
  headNumber(): number;
  /** Hash of a block that logged something here. */
  blockHashOf(blockNumber: number): Hex | undefined;
}

/** Whose logs an index is over. */
export interface LogSource {
  readonly chain: Pick<
    BridgedChain,
    'name' | 'chainId' | 'head' | 'finalizedHead' | 'logs' | 'word'
  >;
  readonly gateway: Hex;
  /** The anchor, on its chain. */
  readonly anchor?: Hex;
  /** Block in which the first of them was deployed. */
  readonly fromBlock: number;
}

/** All logs of final blocks from `fromBlock` up to before `nextBlock`. */
export interface FinalLogs {
  readonly fromBlock: number;
  readonly nextBlock: number;
  readonly logs: readonly ContractLog[];
}

/** Where final logs are kept from one run to the next. All of it is public. */
export interface LogStore {
  /** All that is kept; undefined if nothing is, or nothing that can be read. */
  load(): Promise<FinalLogs | undefined>;
  /** Adds what follows on what is kept. */
  append(more: FinalLogs): Promise<void>;
  /** Forgets all of it. */
  clear(): Promise<void>;
}

const NOWHERE: LogStore = {
  load: async () => undefined,
  append: async () => undefined,
  clear: async () => undefined,
};

interface Read {
  readonly nextBlock: number;
  readonly seen: SeenLogs;
}

/** Creates an index over the logs of a chain's contracts. */
export function createLogIndex(source: LogSource, store: LogStore = NOWHERE): LogIndex {
  const { chain } = source;
  const hashes = new Map<number, Hex>();
  let final: Read | undefined;
  let fresh = NOTHING_SEEN;
  let finalizedNumber = -1;
  let headNumber = -1;
  const note = (logs: readonly ContractLog[]) => {
    for (const { blockNumber, blockHash } of logs) hashes.set(blockNumber, blockHash);
  };

  return {
    refresh: async () => {
      const [finalized, head] = await Promise.all([chain.finalizedHead(), chain.head()]);
      final = await readFinal({ source, store, note }, final, finalized);
      const firstFresh = Math.max(final.nextBlock, finalized.number + 1);
      const unsettled = await readLogs(source, firstFresh, head.number);
      note(unsettled);
      fresh = decode(source, { logs: unsettled, isFinal: false });
      finalizedNumber = finalized.number;
      headNumber = head.number;
    },
    seen: () => joinSeen(final?.seen ?? NOTHING_SEEN, fresh),
    finalizedNumber: () => finalizedNumber,
    headNumber: () => headNumber,
    blockHashOf: (blockNumber) => hashes.get(blockNumber),
  };
}

interface Reading {
  readonly source: LogSource;
  readonly store: LogStore;
  note(logs: readonly ContractLog[]): void;
}

/** Goes on where the last reading ended, or what is kept; if that does not add up, once from the beginning. */
async function readFinal(
  reading: Reading,
  before: Read | undefined,
  finalized: BlockRef,
): Promise<Read> {
  const { source, store } = reading;
  const start = before ?? (await recall(reading, finalized));
  const read = await readOn(reading, start, finalized);
  if (start.nextBlock > finalized.number || (await addsUp(source, read.seen, finalized)))
    return read;
  await store.clear();
  const again = await readOn(reading, nothingOf(source), finalized);
  if (await addsUp(source, again.seen, finalized)) return again;
  await store.clear();
  const what = `the logs up to block ${finalized.number} are fewer than its contracts count; ask another node`;
  throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: source.chain.name, what });
}

function nothingOf({ fromBlock }: LogSource): Read {
  return { nextBlock: fromBlock, seen: NOTHING_SEEN };
}

/** What is kept, unless it is of a chain that has gone: then its last block has another hash now, or is not there. */
async function recall({ source, store, note }: Reading, finalized: BlockRef): Promise<Read> {
  const kept = await store.load();
  if (kept === undefined) return nothingOf(source);
  const last = kept.logs.at(-1);
  const isOfThisChain =
    kept.fromBlock === source.fromBlock &&
    kept.nextBlock <= finalized.number + 1 &&
    (last === undefined || (await isStillThere(source, last)));
  if (!isOfThisChain) {
    await store.clear();
    return nothingOf(source);
  }
  note(kept.logs);
  return { nextBlock: kept.nextBlock, seen: decode(source, { logs: kept.logs, isFinal: true }) };
}

async function isStillThere(
  { chain }: LogSource,
  { address, blockNumber, blockHash }: ContractLog,
): Promise<boolean> {
  const logs = await chain.logs({
    addresses: [address],
    fromBlock: blockNumber,
    toBlock: blockNumber,
  });
  return logs.some((log) => log.blockHash === blockHash);
}

async function readOn(
  { source, store, note }: Reading,
  start: Read,
  finalized: BlockRef,
): Promise<Read> {
  const logs = await readLogs(source, start.nextBlock, finalized.number);
  const nextBlock = Math.max(start.nextBlock, finalized.number + 1);
  note(logs);
  if (nextBlock > start.nextBlock) {
    await store.append({ fromBlock: start.nextBlock, nextBlock, logs });
  }
  return { nextBlock, seen: joinSeen(start.seen, decode(source, { logs, isFinal: true })) };
}

/** Whether logs are all that the contracts count at a block. Logs are hints, and a node may leave some out. */
async function addsUp(
  { chain, gateway, anchor }: LogSource,
  seen: SeenLogs,
  { hash }: BlockRef,
): Promise<boolean> {
  const countAt = async (contract: Hex, slot: Hex) =>
    BigInt.asUintN(64, BigInt(await chain.word(contract, slot, hash)));
  const [sent, released, committed] = await Promise.all([
    countAt(gateway, GATEWAY_SLOTS.sentCount),
    countAt(gateway, GATEWAY_SLOTS.releasedCount),
    anchor === undefined ? 0n : countAt(anchor, ANCHOR_SLOTS.number),
  ]);
  const { messages, releases, skips, commits } = seen;
  return (
    countOf(messages.map(({ index }) => index)) === sent &&
    countOf([...releases, ...skips].map(({ index }) => index)) === released &&
    (anchor === undefined || countOf(commits.map(({ number }) => number)) === committed)
  );
}

function countOf(indexes: readonly bigint[]): bigint {
  return BigInt(new Set(indexes).size);
}

async function readLogs(
  { chain, gateway, anchor }: LogSource,
  fromBlock: number,
  toBlock: number,
): Promise<ContractLog[]> {
  if (toBlock < fromBlock) return [];
  const addresses = anchor === undefined ? [gateway] : [gateway, anchor];
  return await chain.logs({ addresses, fromBlock, toBlock });
}

interface Segment {
  readonly logs: readonly ContractLog[];
  readonly isFinal: boolean;
}

function decode({ chain, gateway }: LogSource, { logs, isFinal }: Segment): SeenLogs {
  return decodeLogs(logs, { chain: chain.name, chainId: chain.chainId, gateway, isFinal });
}
