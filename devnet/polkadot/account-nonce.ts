import { blake2b } from '@noble/hashes/blake2.js';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import type { Chain } from './chain.ts';
import { type ChainState, getTopStorage } from './chain-state.ts';
import { littleEndian } from './compact.ts';
import { bytesOf } from './hex.ts';

/** twox128("System") ++ twox128("Account") */
const SYSTEM_ACCOUNT = '0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9';

/** An account's nonce in the state: the first field of `AccountInfo`. */
export function readNonce(state: ChainState, account: Hex): number {
  const hashed = toHex(blake2b(bytesOf(account), { dkLen: 16 })).slice(2);
  const value = getTopStorage(state, SYSTEM_ACCOUNT + hashed + account.slice(2));
  return value === undefined ? 0 : Buffer.from(value).readUInt32LE(0);
}

/** The nonce to sign with next: after those that already wait in the pool. */
export function computeNextNonce({ tree, pool }: Chain, account: Hex): number {
  const provided = new Set(pool.ready().flatMap(({ provides }) => provides));
  let nonce = readNonce(tree.best.state, account);
  while (provided.has(nonceTag(account, nonce))) nonce++;
  return nonce;
}

/** The tag that `CheckNonce` provides. */
function nonceTag(account: Hex, nonce: number): Hex {
  return `${account}${toHex(littleEndian(BigInt(nonce), 4)).slice(2)}`;
}
