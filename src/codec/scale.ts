import { concatBytes } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

// Strict SCALE: little-endian integers, canonical compacts, bounded counts, nothing left over.
// SPEC: spec.polkadot.network appendix A.2 (SCALE codec). Byte strings are views of the input, never copies.

/** A place in a byte string that moves forward as values are read from it. */
export interface ScaleCursor {
  readonly bytes: Uint8Array;
  /** Offset of the next unread byte. */
  offset: number;
}

/** A cursor at the start of `bytes`. */
export function createScaleCursor(bytes: Uint8Array): ScaleCursor {
  return { bytes, offset: 0 };
}

/** The next `length` bytes as a view. @throws {ScaleError} SCALE_TRUNCATED: fewer are left */
export function readBytes(cursor: ScaleCursor, length: number): Uint8Array {
  const start = cursor.offset;
  if (length > cursor.bytes.length - start) {
    throw new ScaleError('SCALE_TRUNCATED', start, `${length} bytes, got ${remaining(cursor)}`);
  }
  cursor.offset = start + length;
  return cursor.bytes.subarray(start, start + length);
}

/** `u8`. @throws {ScaleError} SCALE_TRUNCATED */
export function readU8(cursor: ScaleCursor): number {
  return readLittleEndian(cursor, 1);
}

/** `u16`, 2 bytes. @throws {ScaleError} SCALE_TRUNCATED */
export function readU16(cursor: ScaleCursor): number {
  return readLittleEndian(cursor, 2);
}

/** `u32`, 4 bytes. @throws {ScaleError} SCALE_TRUNCATED */
export function readU32(cursor: ScaleCursor): number {
  return readLittleEndian(cursor, 4);
}

/** `u64`, 8 bytes. @throws {ScaleError} SCALE_TRUNCATED */
export function readU64(cursor: ScaleCursor): bigint {
  const low = readU32(cursor);
  return (BigInt(readU32(cursor)) << 32n) | BigInt(low);
}

/**
 * `Compact<u32>`: 1, 2, 4 or 5 bytes, the shortest that holds the value.
 *
 * @throws {ScaleError} SCALE_TRUNCATED; SCALE_COMPACT_NOT_CANONICAL: a shorter form exists;
 *   SCALE_COMPACT_TOO_LARGE: the value needs more than 32 bits
 */
export function readCompact(cursor: ScaleCursor): number {
  const start = cursor.offset;
  const first = readU8(cursor);
  const mode = first & 3;
  if (mode === 0) return first >>> 2;
  if (mode === 3) return readCompactBig(cursor, first);
  const value = mode === 1 ? (first >>> 2) + readU8(cursor) * 64 : readCompactFour(cursor, first);
  return requireAtLeast(value, mode === 1 ? 1 << 6 : 1 << 14, start);
}

/** `Vec<u8>` as a view. @throws {ScaleError} SCALE_TRUNCATED, and as `readCompact` */
export function readByteVector(cursor: ScaleCursor): Uint8Array {
  return readBytes(cursor, readCompact(cursor));
}

/**
 * `Vec<T>`, each item read by `readItem`.
 *
 * @param most the most items accepted, checked before the first is read
 * @throws {ScaleError} SCALE_COUNT_EXCEEDED, and whatever `readItem` throws
 */
export function readVector<T>(
  cursor: ScaleCursor,
  most: number,
  readItem: (cursor: ScaleCursor) => T,
): T[] {
  const count = readCount(cursor, most);
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(readItem(cursor));
  return items;
}

/** Refuses bytes after the last value. @throws {ScaleError} SCALE_TRAILING_BYTES */
export function expectEnd(cursor: ScaleCursor): void {
  if (remaining(cursor) > 0) {
    throw new ScaleError(
      'SCALE_TRAILING_BYTES',
      cursor.offset,
      `the end, got ${remaining(cursor)} more`,
    );
  }
}

/** `u32`, 4 bytes. @throws {ScaleError} SCALE_OUT_OF_RANGE */
export function encodeU32(value: number): Uint8Array {
  return encodeLittleEndian(BigInt(value), 4);
}

/** `u64`, 8 bytes. @throws {ScaleError} SCALE_OUT_OF_RANGE */
export function encodeU64(value: bigint): Uint8Array {
  return encodeLittleEndian(value, 8);
}

/** `Compact<u32>` in its shortest form. @throws {ScaleError} SCALE_OUT_OF_RANGE */
export function encodeCompact(value: number): Uint8Array {
  const wide = BigInt(value);
  if (value < 1 << 6) return encodeLittleEndian(wide << 2n, 1);
  if (value < 1 << 14) return encodeLittleEndian((wide << 2n) | 1n, 2);
  if (value < 1 << 30) return encodeLittleEndian((wide << 2n) | 2n, 4);
  return concatBytes(Uint8Array.of(3), encodeLittleEndian(wide, 4));
}

/** `Vec<u8>`: compact length, then the bytes. */
export function encodeByteVector(bytes: Uint8Array): Uint8Array {
  return concatBytes(encodeCompact(bytes.length), bytes);
}

/** `Vec<T>` of items that are encoded already. */
export function encodeVector(items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(encodeCompact(items.length), ...items);
}

function readCount(cursor: ScaleCursor, most: number): number {
  const start = cursor.offset;
  const count = readCompact(cursor);
  if (count > most) {
    throw new ScaleError('SCALE_COUNT_EXCEEDED', start, `at most ${most} items, got ${count}`);
  }
  return count;
}

function remaining(cursor: ScaleCursor): number {
  return cursor.bytes.length - cursor.offset;
}

function readLittleEndian(cursor: ScaleCursor, length: number): number {
  const bytes = readBytes(cursor, length);
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function readCompactFour(cursor: ScaleCursor, first: number): number {
  return (first >>> 2) + readLittleEndian(cursor, 3) * 64;
}

function readCompactBig(cursor: ScaleCursor, first: number): number {
  const start = cursor.offset - 1;
  if (first !== 3) {
    throw new ScaleError('SCALE_COMPACT_TOO_LARGE', start, `4 bytes, got ${(first >>> 2) + 4}`);
  }
  return requireAtLeast(readU32(cursor), 2 ** 30, start);
}

function requireAtLeast(value: number, least: number, start: number): number {
  if (value >= least) return value;
  throw new ScaleError('SCALE_COMPACT_NOT_CANONICAL', start, `the shortest form of ${value}`);
}

function encodeLittleEndian(value: bigint, length: number): Uint8Array {
  if (value < 0n || value >> BigInt(8 * length) !== 0n) {
    throw new ScaleError('SCALE_OUT_OF_RANGE', 0, `${length} unsigned bytes, got ${value}`);
  }
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

export type ScaleErrorCode =
  | 'SCALE_TRUNCATED'
  | 'SCALE_TRAILING_BYTES'
  | 'SCALE_COMPACT_NOT_CANONICAL'
  | 'SCALE_COMPACT_TOO_LARGE'
  | 'SCALE_COUNT_EXCEEDED'
  | 'SCALE_OUT_OF_RANGE';

/** The bytes are not the one SCALE encoding of any value; `meta.offset` is where that was seen. */
export class ScaleError extends BridgeError<{ offset: number }> {
  readonly code: ScaleErrorCode;
  readonly disposition = 'reject';
  constructor(code: ScaleErrorCode, offset: number, expected: string) {
    super(`Malformed SCALE at byte ${offset}: expected ${expected}; ask another node.`, { offset });
    this.code = code;
  }
}
