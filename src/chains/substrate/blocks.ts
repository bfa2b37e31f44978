import type { ApiPromise } from '@polkadot/api';
import type { Vec } from '@polkadot/types';
import type { EventRecord, Header } from '@polkadot/types/interfaces';
import { z } from 'zod';
import { type Hex, toHex } from '../../shared/bytes.ts';
import {
  type BlockRef,
  ChainError,
  type ContractLog,
  type LogFilter,
} from '../shared/bridged-chain.ts';
import { cleanLogs } from '../shared/clean-logs.ts';
import { readShape } from '../shared/json-rpc.ts';
import { address, hash, hexBytes } from '../shared/node-hex.ts';
import { ask, memberOf, type SubstrateConnection } from './connection.ts';
import { fetchBlock, fetchHeader } from './read-block.ts';

/** What became of one extrinsic of a block. */
export interface ExtrinsicOutcome {
  readonly hash: Hex;
  /** Why it failed; undefined if it did not. */
  readonly failure?: string;
  readonly created?: Hex;
}

/** What the relayer keeps of a block. */
export interface BlockRecord extends BlockRef {
  readonly extrinsics: readonly ExtrinsicOutcome[];
  readonly logs: readonly ContractLog[];
}

/** Blocks of the chain, read once each. */
export interface SubstrateBlocks {
  head(): Promise<BlockRef>;
  finalizedHead(): Promise<BlockRef>;
  hashOf(number: number): Promise<Hex | undefined>;
  record(hash: Hex): Promise<BlockRecord>;
  /** Reads every block of the range. @throws {ChainError} CHAIN_ANSWER_INCOMPLETE: the node does not have all of it */
  logs(filter: LogFilter): Promise<ContractLog[]>;
  /** Has every block read anew. */
  forget(): void;
}

const KEPT_BLOCKS = 2048;
/** What the logs of all kept blocks may come to, in characters: a full block has a megabyte of them. */
const KEPT_CHARS = 8_000_000;
const CONCURRENT_BLOCKS = 16;

const emittedSchema = z.object({ contract: address, data: hexBytes, topics: z.array(hash).max(4) });
const instantiatedSchema = z.object({ contract: address });

/** Hash of a block that must be there. @throws {ChainError} CHAIN_ANSWER_INCOMPLETE */
export async function requireHash(
  chain: string,
  { hashOf }: Pick<SubstrateBlocks, 'hashOf'>,
  number: number,
): Promise<Hex> {
  const found = await hashOf(number);
  if (found !== undefined) return found;
  throw incomplete(chain, `the node knows no block ${number}; it may be behind`);
}

/** Creates a reader of blocks and their events. */
export function createSubstrateBlocks(connection: SubstrateConnection): SubstrateBlocks {
  const { name, api } = connection;
  const kept = new Map<Hex, BlockRecord>();
  let keptChars = 0;
  const hashOf = async (number: number): Promise<Hex | undefined> => {
    const found = await ask(name, 'chain_getBlockHash', api.rpc.chain.getBlockHash(number));
    return found.isEmpty ? undefined : found.toHex();
  };
  const record = async (at: Hex): Promise<BlockRecord> => {
    const known = kept.get(at);
    if (known !== undefined) return known;
    const fresh = await fetchRecord(connection, at);
    if (!kept.has(at)) keptChars += charsOf(fresh);
    kept.set(at, fresh);
    for (const [oldest, block] of kept) {
      if (kept.size <= KEPT_BLOCKS && keptChars <= KEPT_CHARS) break;
      kept.delete(oldest);
      keptChars -= charsOf(block);
    }
    return fresh;
  };
  const logsOf = async (number: number): Promise<readonly ContractLog[]> => {
    const at = await requireHash(name, { hashOf }, number);
    const block = await record(at);
    if (block.number === number) return block.logs;
    throw incomplete(name, `the node gives block ${block.number} as block ${number}`);
  };
  return {
    head: async () => refOf(await ask(name, 'chain_getHeader', api.rpc.chain.getHeader())),
    finalizedHead: async () => {
      const hash = await ask(name, 'finalized head', api.rpc.chain.getFinalizedHead());
      return refOf(await fetchHeader(connection, hash.toHex()));
    },
    hashOf,
    record,
    logs: async (filter) => {
      const logs: ContractLog[] = [];
      for (let from = filter.fromBlock; from <= filter.toBlock; from += CONCURRENT_BLOCKS) {
        const length = Math.min(CONCURRENT_BLOCKS, filter.toBlock - from + 1);
        const numbers = Array.from({ length }, (_, i) => from + i);
        const lists = await Promise.all(numbers.map(logsOf));
        logs.push(...cleanLogs(name, filter, lists.flat()));
      }
      return logs;
    },
    forget: () => {
      kept.clear();
      keptChars = 0;
    },
  };
}

function refOf(header: Header): BlockRef {
  return { number: header.number.toNumber(), hash: toHex(header.hash) };
}

function charsOf({ logs }: BlockRecord): number {
  return logs.reduce((sum, { data }) => sum + data.length, 0);
}

async function fetchRecord(connection: SubstrateConnection, at: Hex): Promise<BlockRecord> {
  const { name } = connection;
  const [block, events] = await Promise.all([
    fetchBlock(connection, at),
    ask(name, 'System.Events', fetchEvents(connection, at)),
  ]);
  const ref = { number: block.header.number.toNumber(), hash: at };
  const hashes = block.extrinsicHashes;
  // Every block but the first notes at least how its own inherents went.
  if (events.length === 0 && ref.number > 0) {
    throw incomplete(
      name,
      `the node has no events of block ${ref.number}; does it keep old states?`,
    );
  }
  return {
    ...ref,
    extrinsics: hashes.map((extrinsicHash, index) => ({
      hash: extrinsicHash,
      ...outcomeOf(connection, eventsOf(events, index)),
    })),
    logs: events.flatMap((record, logIndex) => {
      const log = readLog(name, record);
      if (log === undefined) return [];
      const index = record.phase.isApplyExtrinsic ? record.phase.asApplyExtrinsic.toNumber() : -1;
      const transactionHash = hashes[index] ?? at;
      return [{ ...log, blockNumber: ref.number, blockHash: at, logIndex, transactionHash }];
    }),
  };
}

function incomplete(chain: string, what: string): ChainError {
  return new ChainError('CHAIN_ANSWER_INCOMPLETE', { chain, what });
}

/** A block is read with the metadata of its own runtime. */
async function fetchEvents(
  { name, api, send }: SubstrateConnection,
  at: Hex,
): Promise<EventRecord[]> {
  const { registry, query } = await api.at(at);
  const key = memberOf(name, query, 'system.events').key();
  const answer = await send('state_getStorage', [key, at]);
  const events = readShape(name, hexBytes.nullable(), answer, 'System.Events');
  return [...registry.createType<Vec<EventRecord>>('Vec<EventRecord>', events ?? '0x00')];
}

function eventsOf(events: readonly EventRecord[], extrinsic: number): EventRecord[] {
  return events.filter(
    ({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.toNumber() === extrinsic,
  );
}

function outcomeOf(
  { name, api }: SubstrateConnection,
  events: readonly EventRecord[],
): Pick<ExtrinsicOutcome, 'failure' | 'created'> {
  const failed = find(events, 'system', 'ExtrinsicFailed');
  const created = find(events, 'revive', 'Instantiated');
  return {
    ...(failed && { failure: describeDispatchError(api, failed.event.data[0]?.toJSON()) }),
    ...(created && {
      created: readShape(name, instantiatedSchema, dataOf(created), 'Instantiated').contract,
    }),
  };
}

function find(events: readonly EventRecord[], section: string, method: string) {
  return events.find(({ event }) => event.section === section && event.method === method);
}

function readLog(
  chain: string,
  record: EventRecord,
): Pick<ContractLog, 'address' | 'topics' | 'data'> | undefined {
  if (record.event.section !== 'revive' || record.event.method !== 'ContractEmitted') return;
  const { contract, data, topics } = readShape(
    chain,
    emittedSchema,
    dataOf(record),
    'Revive.ContractEmitted',
  );
  return { address: contract, topics, data };
}

/** An event's fields by name. */
function dataOf({ event }: EventRecord): Record<string, unknown> {
  const names = event.data.names ?? [];
  return Object.fromEntries(names.map((name, i) => [name, event.data[i]?.toJSON()]));
}

const moduleErrorSchema = z.object({ module: z.object({ index: z.number(), error: hexBytes }) });

/** A dispatch error as `Pallet.Error`, or as the JSON it is. */
export function describeDispatchError(api: Pick<ApiPromise, 'registry'>, json: unknown): string {
  const parsed = moduleErrorSchema.safeParse(json);
  if (!parsed.success) return JSON.stringify(json).slice(0, 200);
  const { index, error } = parsed.data.module;
  try {
    const variant = Number(error.slice(0, 4));
    const meta = api.registry.findMetaError(new Uint8Array([index, variant]));
    return `${meta.section}.${meta.name}`;
  } catch {
    // A pallet that the metadata does not name: its numbers are all there is to say.
    return `module ${index}, error ${error}`;
  }
}
