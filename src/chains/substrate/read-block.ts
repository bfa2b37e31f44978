import type { Option } from '@polkadot/types';
import type { Header, Justifications } from '@polkadot/types/interfaces';
import type { Codec } from '@polkadot/types/types';
import { z } from 'zod';
import { blake2b256 } from '../../crypto/hashes.ts';
import { fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import { readShape } from '../shared/json-rpc.ts';
import { hexBytes } from '../shared/node-hex.ts';
import { ask, type SubstrateConnection } from './connection.ts';

/** What is read of a block. */
export interface Block {
  readonly header: Header;
  /** Blake2b-256 of each extrinsic, in their order. */
  readonly extrinsicHashes: readonly Hex[];
  readonly justifications: Option<Justifications>;
}

/** A block's header. @throws {ChainError} CHAIN_UNAVAILABLE: the node has no such block; CHAIN_ANSWER_MALFORMED */
export async function fetchHeader(node: SubstrateConnection, hash: Hex): Promise<Header> {
  return decodeHeader(node, hash, await fetchOf(node, 'chain_getHeader', hash));
}

const blockSchema = z.object({
  block: z.object({ header: z.unknown(), extrinsics: z.array(hexBytes) }),
  justifications: z.unknown(),
});

/** A block of any runtime: what is in its extrinsics is not looked into. @throws {ChainError} as {@link fetchHeader} */
export async function fetchBlock(node: SubstrateConnection, hash: Hex): Promise<Block> {
  const method = 'chain_getBlock';
  const answer = await fetchOf(node, method, hash);
  const { block, justifications } = readShape(node.name, blockSchema, answer, method);
  return {
    header: decodeHeader(node, hash, block.header),
    extrinsicHashes: block.extrinsics.map((extrinsic) => toHex(blake2b256(fromHex(extrinsic)))),
    justifications: decode<Option<Justifications>>(node, 'Option<Justifications>', justifications),
  };
}

async function fetchOf(node: SubstrateConnection, method: string, hash: Hex): Promise<unknown> {
  const { name, sendOfBlock } = node;
  const answer = await ask(name, method, sendOfBlock(method, [hash]));
  if (answer !== null) return answer;
  throw absent(node, `has no block ${hash}`);
}

function absent({ name }: SubstrateConnection, what: string): ChainError {
  const says = `the node ${what}; it may be behind`;
  return new ChainError('CHAIN_UNAVAILABLE', { chain: name, what: says });
}

function decodeHeader(node: SubstrateConnection, hash: Hex, json: unknown): Header {
  const header = decode<Header>(node, 'Header', json);
  if (toHex(blake2b256(header.toU8a())) === hash) return header;
  throw absent(node, `gives no header that hashes to block ${hash}`);
}

function decode<T extends Codec>(
  { name, api }: SubstrateConnection,
  type: string,
  json: unknown,
): T {
  try {
    // CAST: the library knows types by their names.
    return api.registry.createType(type, json) as unknown as T;
  } catch (cause) {
    const what = `the node gives no ${type} where there is one`;
    throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: name, what }, { cause });
  }
}
