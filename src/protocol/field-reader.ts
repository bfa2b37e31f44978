import { fromBigEndian, type Hex, toHex } from '../shared/bytes.ts';

/** Reads fields of fixed lengths, one behind the other. The length of the whole has been checked before. */
export interface FieldReader {
  /** The next `length` bytes, as a copy. */
  bytes(length: number): Uint8Array;
  hex(length: number): Hex;
  /** A big-endian unsigned integer. */
  uint(length: number): bigint;
  /** A big-endian unsigned integer of at most 6 bytes. */
  number(length: number): number;
  /** True if all that is left is zero. */
  isRestZero(): boolean;
}

/** Starts at the first byte. */
export function readFields(source: Uint8Array): FieldReader {
  let offset = 0;
  const bytes = (length: number) => {
    offset += length;
    return source.slice(offset - length, offset);
  };
  const hex = (length: number) => toHex(bytes(length));
  const number = (length: number) => {
    let value = 0;
    for (const byte of bytes(length)) value = value * 256 + byte;
    return value;
  };
  const uint = (length: number) => fromBigEndian(bytes(length));
  return { bytes, hex, uint, number, isRestZero: () => isZero(source.subarray(offset)) };
}

/** True if every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
