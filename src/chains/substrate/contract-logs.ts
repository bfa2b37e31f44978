import { childRootKey } from '../../light-client/polkadot/storage-keys.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { ChainError, type ContractLog, type LogFilter } from '../shared/bridged-chain.ts';
import { readShape } from '../shared/json-rpc.ts';
import { hash } from '../shared/node-hex.ts';
import { requireHash, type SubstrateBlocks } from './blocks.ts';
import { type BlockSpan, findChangedBlocks, type StateAt } from './changed-blocks.ts';
import { ask, isRefusal, type SubstrateConnection } from './connection.ts';

/** What logs are read with. */
export interface LogReading {
  readonly connection: SubstrateConnection;
  readonly blocks: Pick<SubstrateBlocks, 'hashOf' | 'logs'>;
  /** Id of a contract's child trie. @throws {ChainError} CHAIN_ANSWER_MALFORMED: there is no contract */
  trieIdOf(address: Hex): Promise<Hex>;
}

/** Each reads up to four blocks at once. */
const CONCURRENT_SPANS = 4;

/**
 * Creates a reader of contracts' logs. Blocks that leave the storage of all the contracts as it is are not read: a node has one word for all of it,
 * the root of the child trie. Contracts that log without counting it, or take back what they have logged, have logs that it does not find.
 *
 * @returns as {@link SubstrateBlocks.logs}, with its errors
 */
export function createContractLogs(
  reading: LogReading,
): (filter: LogFilter) => Promise<ContractLog[]> {
  const { blocks } = reading;
  return async (filter) => {
    const spans = await spansToRead(reading, filter);
    const logs: ContractLog[] = [];
    for (let i = 0; i < spans.length; i += CONCURRENT_SPANS) {
      const some = spans.slice(i, i + CONCURRENT_SPANS);
      const lists = await Promise.all(some.map((span) => blocks.logs({ ...filter, ...span })));
      logs.push(...lists.flat());
    }
    return logs;
  };
}

async function spansToRead(reading: LogReading, filter: LogFilter): Promise<readonly BlockSpan[]> {
  try {
    return await findChangedBlocks(filter, rootsOf(reading, filter.addresses));
  } catch (error) {
    // A node that has no states so old, or keeps that key to itself, may have the events all the same.
    if (error instanceof ChainError && isRefusal(error.cause)) return [filter];
    throw error;
  }
}

const rootSchema = hash.nullable();

/** The roots of all the contracts' tries after a block; undefined if one of them has none there, or is no contract. */
function rootsOf({ connection, blocks, trieIdOf }: LogReading, addresses: readonly Hex[]): StateAt {
  const { name, send } = connection;
  const method = 'state_getStorage';
  let asked: ReturnType<typeof keysOf> | undefined;
  return async (blockNumber) => {
    asked ??= keysOf(addresses, trieIdOf);
    const keys = await asked;
    if (keys === undefined) return undefined;
    const at = await requireHash(name, blocks, blockNumber);
    const answers = await Promise.all(
      keys.map((key) => ask(name, method, send(method, [key, at]))),
    );
    const roots = answers.map((answer) => readShape(name, rootSchema, answer, method));
    return roots.includes(null) ? undefined : roots.join();
  };
}

async function keysOf(
  addresses: readonly Hex[],
  trieIdOf: LogReading['trieIdOf'],
): Promise<readonly Hex[] | undefined> {
  try {
    const trieIds = await Promise.all(addresses.map(trieIdOf));
    return trieIds.map((trieId) => toHex(childRootKey(trieId)));
  } catch (error) {
    if (error instanceof ChainError && error.code === 'CHAIN_ANSWER_MALFORMED') return undefined;
    throw error;
  }
}
