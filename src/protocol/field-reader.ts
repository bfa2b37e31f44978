import { type Hex, toHex } from '../shared/bytes.ts';

/** Reads fields of fixed lengths, one behind the other. The length of the whole has been checked before. */
export interface FieldReader {
  /** The next `length` bytes, as a copy. */
  bytes(length: number): Uint8Array;
  hex(length: number): Hex;
  /** Big-endian unsigned integers. */
  uint64(): bigint;
  uint128(): bigint;
  /** A big-endian unsigned integer of at most 6 bytes. */
  number(length: number): number;
  /** True if all that is left is zero. */
  isRestZero(): boolean;
}

/** Starts at the first byte. */
export function readFields(source: Uint8Array): FieldReader {
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  let offset = 0;
  const take = (length: number) => {
    offset += length;
    return source.subarray(offset - length, offset);
  };
  return {
    bytes: (length) => take(length).slice(),
    hex: (length) => toHex(take(length)),
    number: (length) => {
      let value = 0;
      for (const end = offset + length; offset < end; offset++) {
        value = value * 256 + (source[offset] ?? 0);
      }
      return value;
    },
    uint64: () => {
      offset += 8;
      return view.getBigUint64(offset - 8);
    },
    uint128: () => {
      offset += 16;
      return (view.getBigUint64(offset - 16) << 64n) | view.getBigUint64(offset - 8);
    },
    isRestZero: () => isZero(source.subarray(offset)),
  };
}

/** True if every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}
