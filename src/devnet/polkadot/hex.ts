import type { Hex } from '../../shared/bytes.ts';

/** Hex of bytes of any size; the state holds values of a megabyte. */
export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;
}

/** Bytes of hex that the runtime or a checked request gave. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));
}
