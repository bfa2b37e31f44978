import { readByteVector, readVector, type ScaleCursor } from '../codec/scale.ts';
import { originChainId } from '../protocol/asset.ts';
import { decodeControl, encodeControl, MAX_RUNGS } from '../protocol/control.ts';
import type { ChainPosition } from '../protocol/message.ts';
import {
  amountDigits,
  byteStringDigits,
  digitsOf,
  hexDigits,
  listDigits,
  malformed,
  readAmount,
  readAscending,
  readChoice,
  readHex,
  readUint64,
  uint64Digits,
} from './encoding.ts';
import type { AssetTerms, ChainAmount, LedgerAsset, LedgerChain, PendingControl } from './state.ts';

// SPEC: docs/wire-formats.md, "Ledger state". The lists of the state's fixed part, one entry at a time.

/** Control messages that may wait at once: each waits for a round, and governance sends few. */
const MAX_PENDING = 1 << 16;

/** chainId u64 ‖ gateway 20 ‖ inbox ‖ released ‖ paid u64 ‖ isSuspended u8. */
export function chainDigits(chain: LedgerChain): string {
  return (
    uint64Digits(chain.chainId) +
    hexDigits(chain.gateway, 20) +
    positionDigits(chain.inbox) +
    positionDigits(chain.released) +
    uint64Digits(chain.paid) +
    flagDigits(chain.isSuspended)
  );
}

/** @throws {LedgerError} LEDGER_STATE_MALFORMED: more is paid than released */
export function readChain(cursor: ScaleCursor): LedgerChain {
  const chain = {
    chainId: readUint64(cursor),
    gateway: readHex(cursor, 20),
    inbox: readPosition(cursor),
    released: readPosition(cursor),
    paid: readUint64(cursor),
    isSuspended: readFlag(cursor),
  };
  const { chainId, paid, released } = chain;
  if (paid > released.count) throw malformed('no more paid than released', { chainId, paid });
  return chain;
}

/** count u64 ‖ head 32. */
export function positionDigits({ count, head }: ChainPosition): string {
  return uint64Digits(count) + hexDigits(head, 32);
}

/** The inverse of {@link positionDigits}. */
export function readPosition(cursor: ScaleCursor): ChainPosition {
  return { count: readUint64(cursor), head: readHex(cursor, 32) };
}

/** holdsFrom u64 ‖ kind u8 ‖ Vec<u8> payload, the words that the anchor sent. */
export function pendingDigits({ holdsFrom, content }: PendingControl): string {
  const { kind, payload } = encodeControl(content);
  return uint64Digits(holdsFrom) + digitsOf(kind, 1) + byteStringDigits(payload.toHex());
}

/** The list, by ascending round. @throws {LedgerError} LEDGER_STATE_MALFORMED: out of order */
export function readAllPending(cursor: ScaleCursor): PendingControl[] {
  const pending = readVector(cursor, MAX_PENDING, readPending);
  const early = pending.find(({ holdsFrom }, i) => holdsFrom < (pending[i - 1]?.holdsFrom ?? 0n));
  if (early) throw malformed('control by ascending round', { holdsFrom: early.holdsFrom });
  return pending;
}

/**
 * asset 32 ‖ hasTerms u8 ‖ terms ‖ Vec<rate> ‖ reward u128 ‖ locked u128 ‖ Vec<minted>, both lists chainId u64 ‖ amount u128;
 * terms, if there are any: poolUnit u128 ‖ Vec<rung u8> ‖ entryFee u128 ‖ leastBalance u128.
 */
export function assetDigits(entry: LedgerAsset): string {
  const { asset, terms, rates, reward, locked, minted } = entry;
  return (
    hexDigits(asset, 32) +
    flagDigits(terms !== undefined) +
    (terms === undefined ? '' : termsDigits(terms)) +
    listDigits(rates, chainAmountDigits) +
    amountDigits(reward) +
    amountDigits(locked) +
    listDigits(minted, chainAmountDigits)
  );
}

/**
 * @param chains the chains there are, which is where an asset can be
 * @throws {LedgerError} LEDGER_STATE_MALFORMED: lists out of order, amounts that cannot be where they are, more minted than locked
 */
export function readAsset(cursor: ScaleCursor, chains: readonly LedgerChain[]): LedgerAsset {
  const most = chains.length;
  const entry = {
    asset: readHex(cursor, 32),
    terms: readFlag(cursor) ? readTerms(cursor) : undefined,
    rates: readChainAmounts(cursor, most),
    reward: readAmount(cursor),
    locked: readAmount(cursor),
    minted: readChainAmounts(cursor, most),
  };
  requirePlaced(entry, new Set(chains.map(({ chainId }) => chainId)));
  return entry;
}

/** @throws {LedgerError} LEDGER_STATE_MALFORMED: a message that could never have become pending */
function readPending(cursor: ScaleCursor): PendingControl {
  const holdsFrom = readUint64(cursor);
  const kind = readByte(cursor);
  const content = decodeControl(kind, readByteVector(cursor));
  if (content === undefined) throw malformed('a control message', { kind });
  return { holdsFrom, content };
}

function flagDigits(flag: boolean): string {
  return flag ? '01' : '00';
}

function readFlag(cursor: ScaleCursor): boolean {
  return readChoice(cursor, [false, true]);
}

function readByte(cursor: ScaleCursor): number {
  return Number(readHex(cursor, 1));
}

function termsDigits({ poolUnit, rungs, entryFee, leastBalance }: AssetTerms): string {
  return (
    amountDigits(poolUnit) +
    listDigits(rungs, (rung) => digitsOf(rung, 1)) +
    amountDigits(entryFee) +
    amountDigits(leastBalance)
  );
}

function readTerms(cursor: ScaleCursor): AssetTerms {
  return {
    poolUnit: readAmount(cursor),
    rungs: readAscending(cursor, MAX_RUNGS, { readItem: readByte, keyOf: BigInt }),
    entryFee: readAmount(cursor),
    leastBalance: readAmount(cursor),
  };
}

function chainAmountDigits({ chainId, amount }: ChainAmount): string {
  return uint64Digits(chainId) + amountDigits(amount);
}

function readChainAmounts(cursor: ScaleCursor, most: number): ChainAmount[] {
  return readAscending(cursor, most, {
    readItem: (at) => ({ chainId: readUint64(at), amount: readAmount(at) }),
    keyOf: ({ chainId }) => chainId,
  });
}

function requirePlaced(entry: LedgerAsset, chainIds: ReadonlySet<bigint>): void {
  const { asset, rates, locked, minted } = entry;
  const origin = originChainId(asset);
  const lost = [...rates, ...minted].find(({ chainId }) => !chainIds.has(chainId));
  if (lost) throw malformed('amounts on chains that there are', { asset, chainId: lost.chainId });
  const wrong = minted.find(({ chainId, amount }) => chainId === origin || amount === 0n);
  if (wrong) throw malformed('minted amounts on other chains', { asset, chainId: wrong.chainId });
  const sum = minted.reduce((total, { amount }) => total + amount, 0n);
  if (sum > locked) throw malformed('as much locked as is minted', { asset, locked, sum });
}
