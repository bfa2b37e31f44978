import {
  createScaleCursor,
  encodeU64,
  encodeVector,
  expectEnd,
  readBytes,
  readU64,
  readVector,
  type ScaleCursor,
} from '../codec/scale.ts';
import type { Fee, Release, ReleaseBatch } from '../protocol/release.ts';
import { concatBytes, fromBigEndian, fromHex, toBigEndian, toHex } from '../shared/bytes.ts';
import type { AnchoredTransition } from './state.ts';

// A sealed record per anchored transition, so that a command seals what it adds and not all that is kept.
// Layout, SCALE with amounts as 16 bytes big-endian: number u64 ‖ postState 32 ‖ Vec<batch>;
// batch: chainId u64 ‖ gateway 20 ‖ firstIndex u64 ‖ prevHead 32 ‖ Vec<release> ‖ Vec<fee> ‖ consumedCount u64;
// release: tag 32 ‖ asset 32 ‖ recipient 20 ‖ amount 16 ‖ refundOf u64; fee: asset 32 ‖ amount 16.
// The state's version stands for this layout too: only a state names these records.

const AMOUNT_BYTES = 16;
/** Far above what one transition can produce; these bytes are the enclave's own. */
const MAX_ITEMS = 1 << 20;

/** An anchored transition as bytes to be sealed. */
export function encodeTransition({ number, postState, batches }: AnchoredTransition): Uint8Array {
  return concatBytes(
    encodeU64(number),
    fromHex(postState, 32),
    encodeVector(batches.map(encodeBatch)),
  );
}

/** The inverse of {@link encodeTransition}. @throws {ScaleError} not the encoding of any */
export function decodeTransition(bytes: Uint8Array): AnchoredTransition {
  const cursor = createScaleCursor(bytes);
  const transition = {
    number: readU64(cursor),
    postState: toHex(readBytes(cursor, 32)),
    batches: readVector(cursor, MAX_ITEMS, readBatch),
  };
  expectEnd(cursor);
  return transition;
}

function encodeBatch(batch: ReleaseBatch): Uint8Array {
  return concatBytes(
    encodeU64(batch.chainId),
    fromHex(batch.gateway, 20),
    encodeU64(batch.firstIndex),
    fromHex(batch.prevHead, 32),
    encodeVector(batch.releases.map(encodeRelease)),
    encodeVector(batch.fees.map(encodeFee)),
    encodeU64(batch.consumedCount),
  );
}

function encodeRelease({ tag, asset, recipient, amount, refundOf }: Release): Uint8Array {
  return concatBytes(
    fromHex(tag, 32),
    fromHex(asset, 32),
    fromHex(recipient, 20),
    toBigEndian(amount, AMOUNT_BYTES),
    encodeU64(refundOf),
  );
}

function encodeFee({ asset, amount }: Fee): Uint8Array {
  return concatBytes(fromHex(asset, 32), toBigEndian(amount, AMOUNT_BYTES));
}

function readBatch(cursor: ScaleCursor): ReleaseBatch {
  return {
    chainId: readU64(cursor),
    gateway: toHex(readBytes(cursor, 20)),
    firstIndex: readU64(cursor),
    prevHead: toHex(readBytes(cursor, 32)),
    releases: readVector(cursor, MAX_ITEMS, readRelease),
    fees: readVector(cursor, MAX_ITEMS, readFee),
    consumedCount: readU64(cursor),
  };
}

function readRelease(cursor: ScaleCursor): Release {
  return {
    tag: toHex(readBytes(cursor, 32)),
    asset: toHex(readBytes(cursor, 32)),
    recipient: toHex(readBytes(cursor, 20)),
    amount: fromBigEndian(readBytes(cursor, AMOUNT_BYTES)),
    refundOf: readU64(cursor),
  };
}

function readFee(cursor: ScaleCursor): Fee {
  return {
    asset: toHex(readBytes(cursor, 32)),
    amount: fromBigEndian(readBytes(cursor, AMOUNT_BYTES)),
  };
}
