import { z } from 'zod';
import { createScaleCursor, readU64 } from '../../codec/scale.ts';
import { TIMESTAMP_NOW_KEY } from '../../light-client/polkadot/storage-keys.ts';
import { fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import { readShape } from '../shared/json-rpc.ts';
import { hexBytes } from '../shared/node-hex.ts';
import { ask, type SubstrateConnection } from './connection.ts';

const KEY = toHex(TIMESTAMP_NOW_KEY);
const KEPT_TIMES = 1024;

/**
 * Creates a reader of when blocks were made: `Timestamp.Now` in their own state, in whole seconds of Unix time; 0 of the
 * genesis block, which has none.
 */
export function createBlockTimes(connection: SubstrateConnection): (block: Hex) => Promise<bigint> {
  const kept = new Map<Hex, bigint>();
  return async (block) => {
    const known = kept.get(block);
    if (known !== undefined) return known;
    const timeSec = await fetchTimeSec(connection, block);
    if (kept.size >= KEPT_TIMES) kept.clear();
    kept.set(block, timeSec);
    return timeSec;
  };
}

async function fetchTimeSec({ name, send }: SubstrateConnection, block: Hex): Promise<bigint> {
  const answer = await ask(name, 'Timestamp.Now', send('state_getStorage', [KEY, block]));
  const moment = readShape(name, hexBytes.nullable(), answer, 'Timestamp.Now');
  if (moment === null) return 0n;
  try {
    return readU64(createScaleCursor(fromHex(moment, 8))) / 1000n;
  } catch (cause) {
    const what = `Timestamp.Now in block ${block} is no u64`;
    throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: name, what }, { cause });
  }
}

const proofSchema = z.object({ proof: z.array(hexBytes).max(512) });

/** The nodes that show what a block has as `Timestamp.Now`. */
export async function fetchTimeProof(
  { name, send }: SubstrateConnection,
  block: Hex,
): Promise<readonly Hex[]> {
  const answer = await ask(name, 'state_getReadProof', send('state_getReadProof', [[KEY], block]));
  return readShape(name, proofSchema, answer, 'state_getReadProof').proof;
}
