import { pino } from 'pino';
import type { ContractLog, LogFilter } from '../../src/chains/shared/bridged-chain.ts';
import { decodeLogs } from '../../src/chains/shared/decode-logs.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import { appendMessage, EMPTY_HEAD } from '../../src/protocol/message.ts';
import { publicTags } from '../../src/protocol/transfer-tags.ts';
import type { Bridge, Side } from '../../src/relayer/bridge.ts';
import type { Database } from '../../src/relayer/journal/database.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { createReleaseDater } from '../../src/relayer/watch/date-releases.ts';
import { recordFinal, recordHead } from '../../src/relayer/watch/record-chain.ts';
import { fromHex, type Hex } from '../../src/shared/bytes.ts';
import type { ChainPlace, StatusSources } from '../../src/status/sources.ts';
import { ANCHOR, bridgeLog, GATEWAY, REFUND_TO, SENDER } from './bridge-logs.ts';

// Two chains that exist as logs only, read into a real journal by the relayer's own code.

export const ETHEREUM = 31337n;
export const POLKADOT = 420420499n;
export const ASSET: Hex = `0x${'cd'.repeat(32)}`;
/** Seconds of Unix time: when rounds of five minutes begin, and the deposits. */
export const START_SEC = 1_800_000_000n;

/** A word that says which it is. */
export const wordOf = (kind: string, n: number): Hex =>
  `0x${kind}${n.toString(16).padStart(64 - kind.length, '0')}`;

/** One of the two chains. */
export interface WorldChain {
  readonly chainId: bigint;
  /** Adds logs to a block. */
  log(blockNumber: number, transaction: Hex, logs: readonly ContractLog[]): void;
  /** Drops all logs from a block on: another fork has it. */
  forkAt(blockNumber: number): void;
  /** Reads all up to the head, of which all up to `final` is final. */
  read(heads: { readonly head: number; readonly final: number }): Promise<void>;
}

export interface StatusWorld {
  readonly ethereum: WorldChain;
  readonly polkadot: WorldChain;
  readonly sources: StatusSources;
  /** Sets the clock that states are dated by, and that estimates ask. */
  setNowMs(ms: number): void;
  /** Has a chain's node fail, or answer again. */
  setReachable(chainId: bigint, isReachable: boolean): void;
}

/** Creates the two chains over a journal. */
export function createStatusWorld(database: Database): StatusWorld {
  let nowMs = Number(START_SEC) * 1000;
  const away = new Set<bigint>();
  const world = { database, nowMs: () => nowMs, isAway: (id: bigint) => away.has(id) };
  const [ethereum, ethereumPlace] = createChain(world, [ETHEREUM, 'ethereum', false]);
  const [polkadot, polkadotPlace] = createChain(world, [POLKADOT, 'polkadot', true]);
  return {
    ethereum,
    polkadot,
    sources: {
      database,
      places: [ethereumPlace, polkadotPlace],
      schedule: { startSec: START_SEC, roundSec: 300n },
      commitEverySec: 300n,
      nowMs: () => nowMs,
    },
    setNowMs: (ms) => {
      nowMs = ms;
    },
    setReachable: (chainId, isReachable) => {
      if (isReachable) away.delete(chainId);
      else away.add(chainId);
    },
  };
}

interface World {
  readonly database: Database;
  nowMs(): number;
  isAway(chainId: bigint): boolean;
}

function createChain(
  { database, nowMs, isAway }: World,
  [chainId, name, isAnchor]: readonly [bigint, string, boolean],
): readonly [WorldChain, ChainPlace] {
  let logs: ContractLog[] = [];
  const heads = { head: 0, final: 0 };
  const forks: number[] = [];
  const ref = (number: number) => {
    const fork = forks.filter((first) => first <= number).length;
    return { number, hash: wordOf(`b1${fork}c`, number) };
  };
  const numberOf = (hash: Hex) => Number.parseInt(hash.slice(6), 16);
  const answer = async <T>(value: T): Promise<T> => {
    if (isAway(chainId)) throw new Error('the node is away');
    return value;
  };
  const chain = {
    name,
    chainId,
    logs: async ({ addresses, fromBlock, toBlock }: LogFilter) =>
      logs.filter(
        (log) =>
          addresses.includes(log.address) &&
          log.blockNumber >= fromBlock &&
          log.blockNumber <= toBlock,
      ),
    word: async (contract: Hex, slot: Hex, at: Hex) => {
      const upTo = logs.filter(({ blockNumber }) => blockNumber <= numberOf(at));
      return wordsAfter(upTo, chainId).get(`${contract} ${slot}`) ?? EMPTY_HEAD;
    },
    distrust: () => undefined,
    blockTimeSec: async () => BigInt(Math.floor(nowMs() / 1000)),
    head: () => answer(ref(heads.head)),
    finalizedHead: () => answer(ref(heads.final)),
    hashAt: (number: number) => answer(ref(number).hash),
    call: () => Promise.reject(new Error('no contract answers here')),
  };
  const contracts = isAnchor ? [GATEWAY, ANCHOR] : [GATEWAY];
  const side = { chain, gateway: GATEWAY, fromBlock: 1, contracts, recording: new Serial() };
  const bridge = {
    database,
    log: pino({ level: 'silent' }),
    clock: { nowMs },
    anchor: { side, address: ANCHOR },
  } as unknown as Bridge;
  const dateReleases = createReleaseDater(bridge, side as unknown as Side);
  const world: WorldChain = {
    chainId,
    log: (blockNumber, transactionHash, added) => {
      const at = { blockNumber, blockHash: ref(blockNumber).hash, transactionHash };
      logs.push(...added.map((log, i) => ({ ...log, ...at, logIndex: logs.length + i })));
    },
    forkAt: (blockNumber) => {
      logs = logs.filter((log) => log.blockNumber < blockNumber);
      forks.push(blockNumber);
    },
    read: async ({ head, final }) => {
      Object.assign(heads, { head, final });
      const on = side as unknown as Side;
      await recordFinal(bridge, on, ref(final));
      await recordHead(bridge, on, { head: ref(head), final: ref(final) });
      await dateReleases();
    },
  };
  const place: ChainPlace = {
    chainId,
    name,
    gateway: GATEWAY,
    isAnchor,
    lagSec: 60n,
    registry: undefined,
    fromBlock: 1,
    chain,
    rule: async () => ({ kind: 'grandpa', blockMs: 6000, lagBlocks: 3 }),
  };
  return [world, place];
}

/** What the contracts have counted and hashed after these logs, by contract and slot; what is not there is zero. */
function wordsAfter(logs: readonly ContractLog[], chainId: bigint): ReadonlyMap<string, Hex> {
  const place = { chain: 'counted', chainId, gateway: GATEWAY, isFinal: true };
  const { messages, releases, commits } = decodeLogs(logs, place);
  const sent = messages.reduce(
    (position, message) =>
      appendMessage(position, {
        ...message,
        gateway: GATEWAY,
        envelope: fromHex(message.envelope),
      }),
    { count: 0n, head: EMPTY_HEAD },
  );
  const released = new Set(releases.map(({ index }) => index)).size;
  const last = commits.at(-1);
  return new Map([
    [`${GATEWAY} ${GATEWAY_SLOTS.sentCount}`, numberWord(sent.count)],
    [`${GATEWAY} ${GATEWAY_SLOTS.sentHead}`, sent.head],
    [`${GATEWAY} ${GATEWAY_SLOTS.releasedCount}`, numberWord(released)],
    [`${ANCHOR} ${ANCHOR_SLOTS.number}`, numberWord(last?.number ?? 0n)],
    [`${ANCHOR} ${ANCHOR_SLOTS.stateId}`, last?.postState ?? EMPTY_HEAD],
  ]);
}

function numberWord(value: bigint | number): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** A deposit at the start, sealed unless it names the chain that pays. */
export function depositOf(index: bigint, destination = 0n, sentAtSec = START_SEC): ContractLog {
  const args = [index, SENDER, ASSET, 100n, 1n, destination, sentAtSec, REFUND_TO, '0x01', ASSET];
  return bridgeLog('Deposited', args, 1);
}

/** A commit that has consumed so many messages of Ethereum. */
export function commitOf(number: bigint, consumed: bigint, asOf = START_SEC + 300n): ContractLog {
  const inputs = [[ETHEREUM, consumed]];
  const args = [number, ASSET, ASSET, number, asOf, inputs, 0n, [], ASSET];
  return bridgeLog('Committed', args, 1);
}

/** The tag of what pays a transparent transfer of Ethereum. */
export function payoutTagOf(index: bigint): Hex {
  const [tag] = publicTags({ chainId: ETHEREUM, index }, GATEWAY).payouts;
  if (tag === undefined) throw new RangeError('a transparent transfer has one');
  return tag;
}
