import { concatBytes, fromBigEndian, toBigEndian } from '../shared/bytes.ts';

const LEAST_CLASS_BYTES = 64 * 1024;
const LENGTH_BYTES = 8;

/** What something of this length is padded to, so that its length says little: the next of 64 KiB × 1.25^i. */
export function sizeClass(length: number): number {
  let size = LEAST_CLASS_BYTES;
  while (size < length) size = Math.ceil(size * 1.25);
  return size;
}

/** Length u64 ‖ the bytes ‖ zeros up to a size class. */
export function padToClass(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(sizeClass(LENGTH_BYTES + bytes.length));
  padded.set(concatBytes(toBigEndian(BigInt(bytes.length), LENGTH_BYTES), bytes));
  return padded;
}

/** What was given to {@link padToClass}; undefined if it was not. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  const length = Number(fromBigEndian(padded.subarray(0, LENGTH_BYTES)));
  const end = LENGTH_BYTES + length;
  return end <= padded.length ? padded.subarray(LENGTH_BYTES, end) : undefined;
}
