import { z } from 'zod';
import { createScaleCursor, readByteVector, readCompact } from '../../codec/scale.ts';
import { blake2b256 } from '../../crypto/hashes.ts';
import { parachainHeadKey } from '../../light-client/polkadot/storage-keys.ts';
import type { Route } from '../../protocol/chain-kind.ts';
import type { StateProofOf } from '../../protocol/state-proof.ts';
import { fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { type BlockRef, ChainError } from '../shared/bridged-chain.ts';
import { readShape } from '../shared/json-rpc.ts';
import { hexBytes } from '../shared/node-hex.ts';
import { createSubstrateBlocks } from './blocks.ts';
import { ask, type SubstrateConnection } from './connection.ts';
import { fetchHeader } from './read-block.ts';

type ParachainHop = NonNullable<StateProofOf<'substrate'>['hop']>;

/** How a chain's block follows from a final block of the chain that finalizes it: itself, or its relay chain. */
export interface FinalRoute {
  /** The chain's block that the final block with hash `held` shows to be final. */
  blockShownBy(held: Hex): Promise<BlockRef>;
  /** What leads a verifier from the one to the other; undefined if they are the same. */
  hopFrom(held: Hex): Promise<ParachainHop | undefined>;
}

/**
 * Creates a chain's route.
 *
 * @param chain the contracts' chain
 * @param finalizing the chain whose blocks are final first
 */
export function createFinalRoute(
  route: Route,
  chain: SubstrateConnection,
  finalizing: SubstrateConnection,
): FinalRoute {
  if (route === 'direct') {
    return {
      blockShownBy: keepBlocks((held) => fetchRef(chain, held)),
      hopFrom: async () => undefined,
    };
  }
  const key = toHex(parachainHeadKey(route.paraId));
  return {
    blockShownBy: keepBlocks(
      async (held) => (await fetchHead(finalizing, key, held)) ?? (await fetchGenesis(chain)),
    ),
    hopFrom: async (held) => ({ headNodes: await proveHead(finalizing, key, held), parents: [] }),
  };
}

const KEPT_BLOCKS = 1024;

function keepBlocks(fetch: (held: Hex) => Promise<BlockRef>): (held: Hex) => Promise<BlockRef> {
  const kept = new Map<Hex, BlockRef>();
  return async (held) => {
    const known = kept.get(held);
    if (known !== undefined) return known;
    const block = await fetch(held);
    if (kept.size >= KEPT_BLOCKS) kept.clear();
    kept.set(held, block);
    return block;
  };
}

async function fetchRef(node: SubstrateConnection, hash: Hex): Promise<BlockRef> {
  return { number: (await fetchHeader(node, hash)).number.toNumber(), hash };
}

/** Number and hash of a SCALE header: it begins with its parent's hash, 32 bytes, and its number. */
function readHeader(header: Uint8Array): BlockRef {
  const number = readCompact({ ...createScaleCursor(header), offset: 32 });
  return { number, hash: toHex(blake2b256(header)) };
}

/** A parachain's head in the state of a relay block; undefined before its first. */
async function fetchHead(
  { name, send }: SubstrateConnection,
  key: Hex,
  at: Hex,
): Promise<BlockRef | undefined> {
  const answer = await ask(name, 'Paras.Heads', send('state_getStorage', [key, at]));
  const value = readShape(name, hexBytes.nullable(), answer, 'Paras.Heads');
  if (value === null) return undefined;
  try {
    return readHeader(readByteVector(createScaleCursor(fromHex(value))));
  } catch (cause) {
    const what = `the head in relay block ${at} is no header`;
    throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: name, what }, { cause });
  }
}

async function fetchGenesis(parachain: SubstrateConnection): Promise<BlockRef> {
  const hash = await createSubstrateBlocks(parachain).hashOf(0);
  if (hash !== undefined) return { number: 0, hash };
  const what = 'the node knows no genesis block';
  throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: parachain.name, what });
}

const proofSchema = z.object({ proof: z.array(hexBytes).max(512) });

async function proveHead(
  { name, send }: SubstrateConnection,
  key: Hex,
  at: Hex,
): Promise<Uint8Array[]> {
  const answer = await ask(name, 'state_getReadProof', send('state_getReadProof', [[key], at]));
  const { proof } = readShape(name, proofSchema, answer, 'state_getReadProof');
  return proof.map((node) => fromHex(node));
}
