import { z } from 'zod';
import { createScaleCursor, encodeU32, readByteVector, readCompact } from '../../codec/scale.ts';
import { blake2b256 } from '../../crypto/hashes.ts';
import { twox64 } from '../../crypto/twox.ts';
import type { StateProof } from '../../protocol/enclave-commands.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { hexBytes } from '../ethereum/schema.ts';
import { type BlockRef, ChainError } from '../shared/bridged-chain.ts';
import { readShape } from '../shared/json-rpc.ts';
import { createPolkadotBlocks, type PolkadotBlocks } from './blocks.ts';
import { ask, connectPolkadot, type PolkadotConnection } from './connection.ts';
import { createFinalitySource, type FinalitySource } from './finality-source.ts';

/** The relay chain of a parachain. */
export interface RelayOptions {
  /** WebSocket JSON-RPC of one of its nodes. */
  readonly wsUrl: string;
  /** Id of the parachain there. */
  readonly paraId: number;
}

type ParachainHop = NonNullable<Extract<StateProof, { chain: 'polkadot' }>['hop']>;

/** Which chain makes the contracts' chain final, and how one follows from the other. */
export interface Topology {
  /** Finality proofs, of the chain that finalises. */
  readonly finality: FinalitySource;
  /** The newest final block of the chain that finalises. */
  finalityHead(): Promise<BlockRef>;
  /** The contracts' block that a final block of that chain shows to be final. */
  blockShownBy(held: BlockRef): Promise<BlockRef>;
  /** What leads a verifier from the one to the other; undefined if they are the same. */
  hopFrom(held: BlockRef): Promise<ParachainHop | undefined>;
  close(): Promise<void>;
}

/** The contracts are on the chain that finalises. */
export function createSoloTopology({ api }: PolkadotConnection, blocks: PolkadotBlocks): Topology {
  return {
    finality: createFinalitySource(api, blocks),
    finalityHead: blocks.finalizedHead,
    blockShownBy: async (held) => held,
    hopFrom: async () => undefined,
    close: async () => {},
  };
}

/** The contracts are on a parachain. @throws {ChainError} CHAIN_UNAVAILABLE */
export async function createParachainTopology(
  { wsUrl, paraId }: RelayOptions,
  parachain: PolkadotBlocks,
): Promise<Topology> {
  const relay = await connectPolkadot(wsUrl);
  const relayBlocks = createPolkadotBlocks(relay.api);
  const key = parachainHeadKey(paraId);
  const kept = new Map<Hex, BlockRef>();
  return {
    finality: createFinalitySource(relay.api, relayBlocks),
    finalityHead: relayBlocks.finalizedHead,
    blockShownBy: async ({ hash }) => {
      const known = kept.get(hash);
      if (known !== undefined) return known;
      const head = (await fetchHead(relay, key, hash)) ?? (await fetchGenesis(parachain));
      if (kept.size >= KEPT_HEADS) kept.clear();
      kept.set(hash, head);
      return head;
    },
    hopFrom: async ({ hash }) => ({ headNodes: await proveHead(relay, key, hash), parents: [] }),
    close: () => relay.api.disconnect(),
  };
}

const KEPT_HEADS = 1024;

/** twox128("Paras") ‖ twox128("Heads"). KEEP IN SYNC: parachainHeadKey of the light client. */
const PARAS_HEADS = fromHex('0xcd710b30bd2eab0352ddcc26417aa1941b3c252fcb29d88eff4f3de5de4476c3');

function parachainHeadKey(paraId: number): Hex {
  const id = encodeU32(paraId);
  return toHex(concatBytes(PARAS_HEADS, twox64(id), id));
}

/** A parachain's head in the state of a relay block; undefined before its first. */
async function fetchHead(
  relay: PolkadotConnection,
  key: Hex,
  at: Hex,
): Promise<BlockRef | undefined> {
  const answer = await ask('Paras.Heads', relay.send('state_getStorage', [key, at]));
  const value = readShape('polkadot', hexBytes.nullable(), answer, 'Paras.Heads');
  if (value === null) return undefined;
  try {
    const header = readByteVector(createScaleCursor(fromHex(value)));
    // A header begins with its parent's hash, 32 bytes, and its number.
    const number = readCompact({ ...createScaleCursor(header), offset: 32 });
    return { number, hash: toHex(blake2b256(header)) };
  } catch (cause) {
    const what = `the head in relay block ${at} is no header`;
    throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: 'polkadot', what }, { cause });
  }
}

async function fetchGenesis(parachain: PolkadotBlocks): Promise<BlockRef> {
  const hash = await parachain.hashOf(0);
  if (hash !== undefined) return { number: 0, hash };
  const what = 'the node knows no genesis block';
  throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: 'polkadot', what });
}

const proofSchema = z.object({ proof: z.array(hexBytes).max(512) });

async function proveHead(relay: PolkadotConnection, key: Hex, at: Hex): Promise<Uint8Array[]> {
  const answer = await ask('state_getReadProof', relay.send('state_getReadProof', [[key], at]));
  const { proof } = readShape('polkadot', proofSchema, answer, 'state_getReadProof');
  return proof.map((node) => fromHex(node));
}
