import type { Hex } from '../../shared/bytes.ts';
import { type BlockRef, ChainError } from '../shared/bridged-chain.ts';
import type { RpcClient } from '../shared/json-rpc.ts';
import { encodeExecutionHeader } from './execution-header.ts';
import { blockSchema } from './schema.ts';

/** A header that hashes to the hash it was asked by. */
export interface HashedHeader extends BlockRef {
  readonly rlp: Hex;
  /** When it was made, in seconds of Unix time. */
  readonly timeSec: bigint;
}

const KEPT_HEADERS = 256;

/**
 * Creates a reader of headers by hash. Their fields are hashed again, so that a block's number is as sure as its hash.
 *
 * @param each asks one node after the other, until one has the block
 * @returns a function that throws {@link ChainError} CHAIN_UNAVAILABLE if the node does not have the block, and
 *   CHAIN_ANSWER_MALFORMED if its fields do not hash to it
 */
export function createHeaderReader(
  chain: string,
  each: <T>(question: (rpc: RpcClient) => Promise<T>) => Promise<T>,
): (hash: Hex) => Promise<HashedHeader> {
  const kept = new Map<Hex, HashedHeader>();
  return async (hash) => {
    const known = kept.get(hash);
    if (known !== undefined) return known;
    const header = await each((rpc) => fetchHeader(chain, rpc, hash));
    if (kept.size >= KEPT_HEADERS) kept.clear();
    kept.set(hash, header);
    return header;
  };
}

async function fetchHeader(chain: string, rpc: RpcClient, hash: Hex): Promise<HashedHeader> {
  const block = await rpc('eth_getBlockByHash', [hash, false], blockSchema.nullable());
  if (block === null) {
    const what = `the node does not know block ${hash}; it may be behind`;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain, what });
  }
  const rlp = block.hash === hash ? encodeExecutionHeader(block) : undefined;
  if (rlp !== undefined) return { number: block.number, hash, rlp, timeSec: block.timestamp };
  const what = `the header that the node gives as block ${hash} does not hash to it`;
  throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain, what });
}
