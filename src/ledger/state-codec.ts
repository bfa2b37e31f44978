import {
  createScaleCursor,
  encodeU64,
  encodeVector,
  expectEnd,
  readBytes,
  readU8,
  readU64,
  readVector,
  type ScaleCursor,
} from '../codec/scale.ts';
import { originChainId } from '../protocol/asset.ts';
import { MAX_CHAINS } from '../protocol/limits.ts';
import type { ChainPosition } from '../protocol/message.ts';
import { concatBytes, fromBigEndian, fromHex, toBigEndian, toHex } from '../shared/bytes.ts';
import { LedgerError } from './ledger-error.ts';
import type { AssetSupply, ChainAmount, LedgerChain, LedgerState } from './state.ts';

// The one encoding of a state, in SCALE with amounts as 16 bytes big-endian:
// version u8 ‖ number u64 ‖ Vec<chain> ‖ Vec<supply>
// chain:  chainId u64 ‖ gateway 20 ‖ inbox ‖ released, each count u64 ‖ head 32
// supply: asset 32 ‖ locked 16 ‖ Vec<chainId u64 ‖ amount 16>

const VERSION = 1;
const AMOUNT_BYTES = 16;
const MAX_ASSETS = 1 << 16;

/** The state's canonical bytes: 9 and a few, 108 per chain, about 75 per asset. @throws {HexError} a part out of range */
export function encodeState({ number, chains, supply }: LedgerState): Uint8Array {
  return concatBytes(
    Uint8Array.of(VERSION),
    encodeU64(number),
    encodeVector(chains.map(encodeChain)),
    encodeVector(supply.map(encodeSupply)),
  );
}

/**
 * The inverse of {@link encodeState}, and nothing else: every other byte string is refused.
 *
 * @throws {ScaleError} truncated, too long, a count above its bound
 * @throws {LedgerError} LEDGER_STATE_MALFORMED: another version, lists out of order, a supply that does not add up
 */
export function decodeState(bytes: Uint8Array): LedgerState {
  const cursor = createScaleCursor(bytes);
  const version = readU8(cursor);
  if (version !== VERSION) throw malformed(`version ${VERSION}`, { version });
  const number = readU64(cursor);
  const chains = readVector(cursor, MAX_CHAINS, readChain);
  const supply = readVector(cursor, MAX_ASSETS, readSupply);
  expectEnd(cursor);
  if (chains.length === 0) throw malformed('at least one chain', { chains: 0 });
  requireAscending('chain ids', chains, ({ chainId }) => chainId);
  requireAscending('asset ids', supply, ({ asset }) => BigInt(asset));
  const chainIds = new Set(chains.map(({ chainId }) => chainId));
  for (const entry of supply) requireSound(entry, chainIds);
  return { number, chains, supply };
}

function encodeChain({ chainId, gateway, inbox, released }: LedgerChain): Uint8Array {
  return concatBytes(
    encodeU64(chainId),
    fromHex(gateway, 20),
    encodePosition(inbox),
    encodePosition(released),
  );
}

function encodePosition({ count, head }: ChainPosition): Uint8Array {
  return concatBytes(encodeU64(count), fromHex(head, 32));
}

function encodeSupply({ asset, locked, minted }: AssetSupply): Uint8Array {
  return concatBytes(
    fromHex(asset, 32),
    toBigEndian(locked, AMOUNT_BYTES),
    encodeVector(
      minted.map(({ chainId, amount }) =>
        concatBytes(encodeU64(chainId), toBigEndian(amount, AMOUNT_BYTES)),
      ),
    ),
  );
}

function readChain(cursor: ScaleCursor): LedgerChain {
  return {
    chainId: readU64(cursor),
    gateway: toHex(readBytes(cursor, 20)),
    inbox: readPosition(cursor),
    released: readPosition(cursor),
  };
}

function readPosition(cursor: ScaleCursor): ChainPosition {
  return { count: readU64(cursor), head: toHex(readBytes(cursor, 32)) };
}

function readSupply(cursor: ScaleCursor): AssetSupply {
  return {
    asset: toHex(readBytes(cursor, 32)),
    locked: readAmount(cursor),
    minted: readVector(cursor, MAX_CHAINS, readChainAmount),
  };
}

function readChainAmount(cursor: ScaleCursor): ChainAmount {
  return { chainId: readU64(cursor), amount: readAmount(cursor) };
}

function readAmount(cursor: ScaleCursor): bigint {
  return fromBigEndian(readBytes(cursor, AMOUNT_BYTES));
}

function requireSound({ asset, locked, minted }: AssetSupply, chainIds: ReadonlySet<bigint>): void {
  requireAscending(`chain ids of ${asset}`, minted, ({ chainId }) => chainId);
  const origin = originChainId(asset);
  for (const { chainId, amount } of minted) {
    const isPlaced = chainId !== origin && chainIds.has(chainId) && amount > 0n;
    if (!isPlaced) throw malformed('minted amounts on other chains', { asset, chainId, amount });
  }
  const sum = minted.reduce((total, { amount }) => total + amount, 0n);
  if (locked === 0n || locked !== sum) {
    throw malformed('as much locked as is minted, and more than nothing', { asset, locked, sum });
  }
}

function requireAscending<T>(what: string, items: readonly T[], keyOf: (item: T) => bigint): void {
  const keys = items.map(keyOf);
  const isAscending = keys.every((key, i) => i === 0 || (keys[i - 1] ?? key) < key);
  if (!isAscending) throw malformed(`ascending ${what}`, { got: keys.join(' ') });
}

function malformed(
  expected: string,
  meta: Readonly<Record<string, string | bigint | number>>,
): LedgerError {
  return new LedgerError('LEDGER_STATE_MALFORMED', expected, meta);
}
