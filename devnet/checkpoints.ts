import { z } from 'zod';
import { createRpcClient, fetchJson, readShape } from '../src/chains/shared/json-rpc.ts';
import { hash, hexBytes } from '../src/chains/shared/node-hex.ts';
import {
  createScaleCursor,
  expectEnd,
  readBytes,
  readU64,
  readVector,
} from '../src/codec/scale.ts';
import { fromHex, type Hex, toHex } from '../src/shared/bytes.ts';

/** The block an enclave's Polkadot light client starts from, as its measured configuration holds it. */
export interface PolkadotCheckpoint {
  readonly number: number;
  readonly hash: Hex;
  readonly stateRoot: Hex;
  readonly setId: number;
  readonly authorities: { readonly id: Hex; readonly weight: number }[];
}

const MAX_AUTHORITIES = 1000;

const headerSchema = z.object({ stateRoot: hash });

/** The genesis block with its GRANDPA authorities: set 0 by definition. @throws {ChainError} the node does not answer */
export async function fetchGenesisCheckpoint(httpUrl: string): Promise<PolkadotCheckpoint> {
  const rpc = createRpcClient('polkadot', httpUrl);
  const genesis = await rpc('chain_getBlockHash', [0], hash);
  const { stateRoot } = await rpc('chain_getHeader', [genesis], headerSchema);
  const question = ['GrandpaApi_grandpa_authorities', '0x', genesis];
  const authorities = decodeAuthorities(await rpc('state_call', question, hexBytes));
  return { number: 0, hash: genesis, stateRoot, setId: 0, authorities };
}

const finalizedSchema = z.object({ data: z.object({ root: hash }) });

/** Root of the newest final beacon block that the node can give a bootstrap for. @throws {ChainError} there is none yet */
export async function fetchBeaconCheckpoint(beaconUrl: string): Promise<Hex> {
  const path = 'beacon/headers/finalized';
  const json = await fetchJson('ethereum', `${beaconUrl}/eth/v1/${path}`, {});
  return readShape('ethereum', finalizedSchema, json, path).data.root;
}

/** SCALE `Vec<([u8; 32], u64)>`. */
function decodeAuthorities(encoded: Hex): { id: Hex; weight: number }[] {
  const cursor = createScaleCursor(fromHex(encoded));
  const authorities = readVector(cursor, MAX_AUTHORITIES, () => ({
    id: toHex(readBytes(cursor, 32)),
    weight: Number(readU64(cursor)),
  }));
  expectEnd(cursor);
  return authorities;
}
