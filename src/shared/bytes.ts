import { BridgeError } from './errors.ts';

/** `0x`-prefixed lower-case hexadecimal. Addresses are 20 bytes, hashes and ids 32. */
export type Hex = `0x${string}`;

// Taken from the prototype: subclasses have a method of that name of their own, with a prefix.
const encodeDigits = Uint8Array.prototype.toHex;

/** Encodes bytes as lower-case hex with prefix. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${encodeDigits.call(bytes)}`;
}

/**
 * Decodes `0x`-prefixed hex of either case.
 *
 * @throws {HexError} no prefix, an odd number of digits, another character, or not `length` bytes
 */
export function fromHex(text: string, length?: number): Uint8Array {
  const bytes = decodeDigits(text);
  if (length !== undefined && bytes.length !== length) {
    throw new HexError(`${bytes.length} bytes, expected ${length}`, { text: text.slice(0, 80) });
  }
  return bytes;
}

function decodeDigits(text: string): Uint8Array {
  try {
    if (text.startsWith('0x')) return Uint8Array.fromHex(text.slice(2));
  } catch {
    // The engine's words do not say what was expected; ours do.
  }
  throw new HexError('not 0x-prefixed hex', { text: text.slice(0, 80) });
}

/** Joins byte strings in order into a new one. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** True if both hold the same bytes. Not constant-time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The unsigned integer as exactly `length` big-endian bytes. @throws {HexError} it does not fit */
export function toBigEndian(value: bigint, length: number): Uint8Array {
  if (value < 0n || value >> BigInt(8 * length) !== 0n) {
    throw new HexError(`${value} does not fit ${length} bytes`, { text: String(value) });
  }
  // Six bytes at a time as a number: most values are small, and five times as fast so as by their digits.
  const bytes = new Uint8Array(length);
  let end = length - 1;
  for (let rest = value; rest > 0n; rest >>= 48n, end -= 6) {
    let part = Number(rest & 0xffff_ffff_ffffn);
    for (let i = end; part > 0; i--, part = Math.floor(part / 256)) bytes[i] = part % 256;
  }
  return bytes;
}

/** The big-endian bytes as an unsigned integer; the empty string is zero. */
export function fromBigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export class HexError extends BridgeError<{ text: string }> {
  readonly code = 'HEX_MALFORMED';
  readonly disposition = 'reject';
  constructor(what: string, meta: { text: string }) {
    super(`Malformed hex value: ${what}.`, meta);
  }
}
