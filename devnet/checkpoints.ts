import {
  createScaleCursor,
  expectEnd,
  readBytes,
  readU64,
  readVector,
} from '../src/codec/scale.ts';
import { fromHex, type Hex, toHex } from '../src/shared/bytes.ts';
import { BridgeError } from '../src/shared/errors.ts';
import { callRpc } from './call-rpc.ts';

/** The block an enclave's Polkadot light client starts from, as its measured configuration holds it. */
export interface PolkadotCheckpoint {
  readonly number: number;
  readonly hash: Hex;
  readonly stateRoot: Hex;
  readonly setId: number;
  readonly authorities: { readonly id: Hex; readonly weight: number }[];
}

const MAX_AUTHORITIES = 1000;

/** The genesis block with its GRANDPA authorities: set 0 by definition. */
export async function fetchGenesisCheckpoint(httpUrl: string): Promise<PolkadotCheckpoint> {
  const hash = await rpc<Hex>(httpUrl, 'chain_getBlockHash', [0]);
  const header = await rpc<{ stateRoot: Hex }>(httpUrl, 'chain_getHeader', [hash]);
  const encoded = await rpc<Hex>(httpUrl, 'state_call', [
    'GrandpaApi_grandpa_authorities',
    '0x',
    hash,
  ]);
  const authorities = decodeAuthorities(encoded);
  return { number: 0, hash, stateRoot: header.stateRoot, setId: 0, authorities };
}

/** Root of the newest final beacon block that the node can give a bootstrap for. */
export async function fetchBeaconCheckpoint(beaconUrl: string): Promise<Hex> {
  const response = await fetch(`${beaconUrl}/eth/v1/beacon/headers/finalized`);
  if (!response.ok) throw new CheckpointError(`the beacon answered ${response.status}`);
  const { data } = (await response.json()) as { data: { root: Hex } };
  return data.root;
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

function rpc<T>(httpUrl: string, method: string, params: readonly unknown[]): Promise<T> {
  return callRpc(httpUrl, { method, params, refused: (what) => new CheckpointError(what) });
}

export class CheckpointError extends BridgeError<{ what: string }> {
  readonly code = 'DEVNET_CHECKPOINT_UNAVAILABLE';
  readonly disposition = 'retry';
  constructor(what: string) {
    super(`No checkpoint to start a light client from: ${what}.`, { what });
  }
}
