// Simple Serialize: the fixed-size basics that hash tree roots are built from.
// SPEC: consensus-specs@a08d8a6 ssz/simple-serialize.md.

/** Bytes in a Merkle leaf. */
export const BYTES_PER_CHUNK = 32;

/** `uint64` as a 32-byte chunk: little-endian, zeros behind. The value is cut to 64 bits. */
export function uint64Chunk(value: number | bigint): Uint8Array {
  const chunk = new Uint8Array(BYTES_PER_CHUNK);
  new DataView(chunk.buffer).setBigUint64(0, BigInt(value), true);
  return chunk;
}

/** `uint256` as a 32-byte chunk, little-endian. The value is cut to 256 bits. */
export function uint256Chunk(value: bigint): Uint8Array {
  const chunk = new Uint8Array(BYTES_PER_CHUNK);
  const view = new DataView(chunk.buffer);
  for (let word = 0; word < 4; word++)
    view.setBigUint64(8 * word, value >> BigInt(64 * word), true);
  return chunk;
}

/** A byte vector of any length as whole chunks, zeros behind: `pack` of the specification. */
export function packBytes(bytes: Uint8Array): Uint8Array {
  const chunks = Math.ceil(bytes.length / BYTES_PER_CHUNK);
  if (chunks * BYTES_PER_CHUNK === bytes.length) return bytes;
  const packed = new Uint8Array(chunks * BYTES_PER_CHUNK);
  packed.set(bytes);
  return packed;
}

/** Bit `index` of a bitvector: least significant bit of the first byte first. */
export function bitAt(bits: Uint8Array, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}
