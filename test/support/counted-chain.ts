import { ANCHOR_ABI, GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { BlockRef, ContractLog, LogFilter } from '../../src/chains/shared/bridged-chain.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import { appendControl, CONTROL_KINDS } from '../../src/protocol/control.ts';
import { appendMessage, EMPTY_HEAD } from '../../src/protocol/message.ts';
import { fromHex, type Hex } from '../../src/shared/bytes.ts';
import { ANCHOR, GATEWAY, releasedLog, SENDER } from './bridge-logs.ts';

// A chain whose contracts count and hash what they log, as the real ones do, so that a node's lies about either show.

const WORD: Hex = `0x${'cd'.repeat(32)}`;
const SENT_AT_SEC = 1_800_000_000n;

/** What the contracts keep after a block. */
type Words = ReadonlyMap<string, Hex>;

/** A chain that is made up event by event. */
export interface CountedChain {
  /** All logs so far, in order. */
  readonly logs: ContractLog[];
  deposit(blockNumber: number, amount?: bigint): void;
  release(blockNumber: number): void;
  /** Has the anchor say something. */
  say(blockNumber: number): void;
  /** @param count messages of chain `from` that it consumes up to */
  commit(blockNumber: number, consumed?: { readonly from: bigint; readonly count: bigint }): void;
  word(contract: Hex, slot: Hex, at?: Hex): Promise<Hex>;
  /** What an honest node answers. */
  logsIn(filter: LogFilter): ContractLog[];
}

/** The block with a number: its hash says it. */
export function blockAt(number: number): BlockRef {
  return { number, hash: wordOf(BigInt(number)) };
}

/** A number as a storage word. */
export function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** Creates a chain with a gateway and an anchor that have nothing to tell yet. */
export function createCountedChain(chainId: bigint): CountedChain {
  const logs: ContractLog[] = [];
  const history: (readonly [blockNumber: number, words: Words])[] = [];
  let words: Words = new Map();
  let sent = { count: 0n, head: EMPTY_HEAD };
  let said = { count: 0n, head: EMPTY_HEAD };
  let released = 0n;
  let committed = 0n;
  let stateId = wordOf(0xabcn);
  const keep = (blockNumber: number, changed: readonly (readonly [string, Hex])[]) => {
    words = new Map([...words, ...changed]);
    history.push([blockNumber, words]);
  };
  // One index for each log, whatever its block: as good as one for each of a block.
  const add = (log: ContractLog) =>
    void logs.push({ ...log, logIndex: logs.length, blockHash: blockAt(log.blockNumber).hash });
  const emit = (name: string, args: readonly unknown[], blockNumber: number) => {
    const isAnchor = ANCHOR_ABI.hasEvent(name);
    const { topics, data } = (isAnchor ? ANCHOR_ABI : GATEWAY_ABI).encodeEventLog(name, args);
    const address = isAnchor ? ANCHOR : GATEWAY;
    const place = { blockNumber, blockHash: WORD, logIndex: 0, transactionHash: WORD };
    add({ address, topics: topics.flat() as Hex[], data: data as Hex, ...place });
  };
  return {
    logs,
    deposit: (blockNumber, amount = 10n) => {
      const { count: index } = sent;
      const body = {
        sentAtSec: SENT_AT_SEC,
        sender: SENDER,
        refundTo: SENDER,
        asset: WORD,
        amount,
      };
      const rest = { fee: 1n, destination: 5n, envelope: fromHex('0x01') };
      sent = appendMessage(sent, { ...body, ...rest, chainId, gateway: GATEWAY, index });
      const args = [index, SENDER, WORD, amount, 1n, 5n, SENT_AT_SEC, SENDER, '0x01', sent.head];
      emit('Deposited', args, blockNumber);
      keep(blockNumber, [
        [`${GATEWAY} ${GATEWAY_SLOTS.sentCount}`, wordOf(sent.count)],
        [`${GATEWAY} ${GATEWAY_SLOTS.sentHead}`, sent.head],
      ]);
    },
    release: (blockNumber) => {
      add(releasedLog(released, WORD, blockNumber));
      released += 1n;
      keep(blockNumber, [[`${GATEWAY} ${GATEWAY_SLOTS.releasedCount}`, wordOf(released)]]);
    },
    say: (blockNumber) => {
      const { count: index } = said;
      const kind = CONTROL_KINDS.setReward;
      const body = { index, kind, round: 0n, sentAtSec: SENT_AT_SEC, payload: fromHex(WORD) };
      said = appendControl(said, { chainId, address: ANCHOR }, body);
      emit('ControlSent', [index, kind, 0n, SENT_AT_SEC, WORD, said.head], blockNumber);
      keep(blockNumber, [
        [`${ANCHOR} ${ANCHOR_SLOTS.controlCount}`, wordOf(said.count)],
        [`${ANCHOR} ${ANCHOR_SLOTS.controlHead}`, said.head],
      ]);
    },
    commit: (blockNumber, consumed) => {
      const prevState = stateId;
      committed += 1n;
      stateId = wordOf(0xabcn + committed);
      const inputs = consumed === undefined ? [] : [[consumed.from, consumed.count]];
      const cursors = [inputs, 0n, [], WORD];
      const args = [committed, stateId, prevState, committed, SENT_AT_SEC, ...cursors];
      emit('Committed', args, blockNumber);
      keep(blockNumber, [
        [`${ANCHOR} ${ANCHOR_SLOTS.number}`, wordOf(committed)],
        [`${ANCHOR} ${ANCHOR_SLOTS.stateId}`, stateId],
      ]);
    },
    word: async (contract, slot, at) => {
      const upTo = at === undefined ? Number.POSITIVE_INFINITY : Number(BigInt(at));
      const then = history.findLast(([blockNumber]) => blockNumber <= upTo)?.[1];
      return then?.get(`${contract} ${slot}`) ?? wordOf(0n);
    },
    logsIn: ({ addresses, fromBlock, toBlock }) =>
      logs.filter(
        ({ address, blockNumber }) =>
          addresses.includes(address) && blockNumber >= fromBlock && blockNumber <= toBlock,
      ),
  };
}
