/** SCALE compact integer of a length or a small number. SPEC: docs.substrate.io, SCALE codec. */
export function encodeCompact(value: number): Uint8Array {
  if (value < 1 << 6) return Uint8Array.of(value << 2);
  if (value < 1 << 14) return littleEndian(BigInt(value) * 4n + 1n, 2);
  if (value < 1 << 30) return littleEndian(BigInt(value) * 4n + 2n, 4);
  const length = Math.max(4, Math.ceil(BigInt(value).toString(16).length / 2));
  return Uint8Array.of(((length - 4) << 2) + 3, ...littleEndian(BigInt(value), length));
}

/** Reads a compact integer: its value and the number of bytes it took. */
export function decodeCompact(bytes: Uint8Array, at = 0): readonly [value: number, length: number] {
  const first = bytes[at] ?? 0;
  const mode = first & 3;
  if (mode === 0) return [first >> 2, 1];
  if (mode === 1) return [Number(fromLittleEndian(bytes.subarray(at, at + 2)) >> 2n), 2];
  if (mode === 2) return [Number(fromLittleEndian(bytes.subarray(at, at + 4)) >> 2n), 4];
  const length = (first >> 2) + 4;
  return [Number(fromLittleEndian(bytes.subarray(at + 1, at + 1 + length))), length + 1];
}

/** The unsigned integer as exactly `length` little-endian bytes, cut to that size. */
export function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** The little-endian bytes as an unsigned integer. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** A byte string with its compact length before it. */
export function encodeBytes(bytes: Uint8Array): Uint8Array {
  const length = encodeCompact(bytes.length);
  const joined = new Uint8Array(length.length + bytes.length);
  joined.set(length);
  joined.set(bytes, length.length);
  return joined;
}
