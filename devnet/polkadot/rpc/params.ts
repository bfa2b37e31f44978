import type { Hex } from '../../../src/shared/bytes.ts';
import { isHex } from '../../../src/shared/hex-schema.ts';
import type { Block } from '../block-tree.ts';
import type { Chain } from '../chain.ts';
import { CHILD_PREFIX } from '../chain-state.ts';
import type { RpcParams } from './module.ts';
import { invalidParams, RpcError } from './rpc-error.ts';

/** SPEC: sc-rpc-api, state and chain errors. */
const CLIENT_ERROR = 4003;

/** Hex of any length. */
export function takeHex(params: RpcParams, index: number): Hex {
  return parseHex(params[index], index);
}

function parseHex(value: unknown, index: number): Hex {
  const text = typeof value === 'string' ? value.toLowerCase() : ' ';
  // Like a node's, the prefix may be missing.
  const hex = text.startsWith('0x') ? text : `0x${text}`;
  if (isHex(hex)) return hex;
  throw invalidParams(`parameter ${index} is not 0x-prefixed hex`);
}

/** Hex, or undefined if left out or null. */
export function takeOptionalHex(params: RpcParams, index: number): Hex | undefined {
  const value = params[index] ?? undefined;
  return value === undefined ? undefined : parseHex(value, index);
}

/** A 32-byte hash, or undefined if left out or null. */
export function takeOptionalHash(params: RpcParams, index: number): Hex | undefined {
  const hash = takeOptionalHex(params, index);
  if (hash !== undefined && hash.length !== 66) {
    throw invalidParams(`parameter ${index} has ${hash.length / 2 - 1} bytes, expected 32`);
  }
  return hash;
}

/** A list of hex strings. */
export function takeHexList(params: RpcParams, index: number): readonly Hex[] {
  const value = params[index];
  if (!Array.isArray(value)) throw invalidParams(`parameter ${index} is not a list`);
  return value.map((item) => parseHex(item, index));
}

/** A whole number from 0 on. */
export function takeNumber(params: RpcParams, index: number): number {
  const value = params[index];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalidParams(`parameter ${index} is not a whole number`);
  }
  return value;
}

export function takeText(params: RpcParams, index: number): string {
  const value = params[index];
  if (typeof value !== 'string') throw invalidParams(`parameter ${index} is not a string`);
  return value;
}

/** The block of a hash parameter, or the best one if left out. */
export function takeBlock({ tree }: Chain, params: RpcParams, index: number): Block {
  const hash = takeOptionalHash(params, index);
  if (hash === undefined) return tree.best;
  const block = tree.get(hash);
  if (block === undefined) throw unknownBlock('UnknownBlock', hash);
  return block;
}

/** The same for a question that the runtime answers, for which a node has other words. */
export function takeBlockToCall(chain: Chain, params: RpcParams, index: number): Block {
  const hash = takeOptionalHash(params, index);
  if (hash !== undefined && chain.tree.get(hash) === undefined) {
    throw unknownBlock('Api called for an unknown Block', hash);
  }
  return takeBlock(chain, params, index);
}

function unknownBlock(what: string, hash: Hex): RpcError {
  const reason = `${what}: Header was not found in the database: ${hash}`;
  return new RpcError(CLIENT_ERROR, `Client error: ${reason}`);
}

/** The id of a child trie from its prefixed storage key, hex digits. */
export function takeChildId(params: RpcParams, index: number): string {
  const digits = takeHex(params, index).slice(2);
  if (!digits.startsWith(CHILD_PREFIX)) {
    throw new RpcError(CLIENT_ERROR, 'Client error: Invalid child storage key');
  }
  return digits.slice(CHILD_PREFIX.length);
}
