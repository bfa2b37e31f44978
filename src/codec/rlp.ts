import { concatBytes, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

// Recursive Length Prefix, strict: of all encodings of an item only the canonical one is accepted.
// SPEC: Ethereum Yellow Paper, appendix B.

/** A byte string or a list of items. Decoded strings are views into the input, not copies. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** Lists inside lists deeper than this are refused; block headers need 1, trie nodes at most 2. */
export const MAX_RLP_DEPTH = 16;

/**
 * Decodes exactly one item that fills `bytes`.
 *
 * @param bytes untrusted; the caller bounds its length
 * @throws {RlpError} truncated, trailing bytes, a length that is not minimal, or nested too deep
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const { item, end } = decodeItem(bytes, 0, 0);
  if (end !== bytes.length) throw malformed('bytes after the end of the item', end);
  return item;
}

/** Encodes an item canonically. */
export function encodeRlp(item: RlpItem): Uint8Array {
  if (item instanceof Uint8Array) return encodeString(item);
  const payload = concatBytes(...item.map(encodeRlp));
  return concatBytes(encodeLength(payload.length, LIST), payload);
}

/** The shortest big-endian bytes of an unsigned integer; zero is the empty string. */
export function encodeRlpInteger(value: bigint): Uint8Array {
  const length = value === 0n ? 0 : Math.ceil(value.toString(16).length / 2);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++)
    bytes[i] = Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn);
  return bytes;
}

/**
 * Reads an unsigned integer of at most `maxBytes` bytes.
 *
 * @throws {RlpError} a list, too long, or with a leading zero byte
 */
export function decodeRlpInteger(item: RlpItem, maxBytes: number): bigint {
  if (!(item instanceof Uint8Array)) throw malformed('a list where an integer was expected', 0);
  if (item.length > maxBytes) throw malformed(`an integer longer than ${maxBytes} bytes`, 0);
  if (item[0] === 0) throw malformed('an integer with a leading zero', 0);
  return item.length === 0 ? 0n : BigInt(toHex(item));
}

interface Decoded {
  readonly item: RlpItem;
  /** Offset of the first byte behind the item. */
  readonly end: number;
}

const STRING = 0x80;
const LIST = 0xc0;
/** Payloads up to this length have it in the prefix; longer ones behind it. */
const SHORT = 55;

function decodeItem(bytes: Uint8Array, at: number, depth: number): Decoded {
  const prefix = bytes[at];
  if (prefix === undefined) throw malformed('an item is missing', at);
  if (prefix < STRING) return { item: bytes.subarray(at, at + 1), end: at + 1 };
  const isList = prefix >= LIST;
  const { start, end } = decodePayload(bytes, at, prefix - (isList ? LIST : STRING));
  if (isList) return { item: decodeList(bytes.subarray(0, end), start, depth + 1), end };
  const item = bytes.subarray(start, end);
  const [only] = item;
  if (item.length === 1 && only !== undefined && only < STRING) {
    throw malformed('a byte below 0x80 with a length prefix', at);
  }
  return { item, end };
}

/** `size` is the prefix less its base: the length itself, or 55 plus the number of length bytes. */
function decodePayload(
  bytes: Uint8Array,
  at: number,
  size: number,
): { start: number; end: number } {
  const lengthBytes = Math.max(0, size - SHORT);
  const start = at + 1 + lengthBytes;
  const end = start + (lengthBytes === 0 ? size : decodeLongLength(bytes, at + 1, lengthBytes));
  if (end > bytes.length) throw malformed('the item is cut off', at);
  return { start, end };
}

function decodeLongLength(bytes: Uint8Array, at: number, lengthBytes: number): number {
  // Four length bytes already address 4 GiB; more would overflow the arithmetic below.
  if (lengthBytes > 4) throw malformed('a length of more than four bytes', at);
  let length = 0;
  for (let i = at; i < at + lengthBytes; i++) {
    const byte = bytes[i];
    if (byte === undefined) throw malformed('the item is cut off', i);
    length = length * 256 + byte;
  }
  if (bytes[at] === 0 || length <= SHORT) throw malformed('a length that is not minimal', at);
  return length;
}

function decodeList(bytes: Uint8Array, start: number, depth: number): readonly RlpItem[] {
  if (depth > MAX_RLP_DEPTH) throw malformed(`lists nested deeper than ${MAX_RLP_DEPTH}`, start);
  const items: RlpItem[] = [];
  let at = start;
  while (at < bytes.length) {
    const { item, end } = decodeItem(bytes, at, depth);
    items.push(item);
    at = end;
  }
  return items;
}

function encodeString(bytes: Uint8Array): Uint8Array {
  const [only] = bytes;
  if (bytes.length === 1 && only !== undefined && only < STRING) return bytes;
  return concatBytes(encodeLength(bytes.length, STRING), bytes);
}

function encodeLength(length: number, base: number): Uint8Array {
  if (length <= SHORT) return Uint8Array.of(base + length);
  const digits = encodeRlpInteger(BigInt(length));
  return concatBytes(Uint8Array.of(base + SHORT + digits.length), digits);
}

function malformed(what: string, offset: number): RlpError {
  return new RlpError(what, { offset });
}

/** The bytes are not the canonical RLP of what was expected. */
export class RlpError extends BridgeError<{ offset: number }> {
  readonly code = 'RLP_MALFORMED';
  readonly disposition = 'reject';
  constructor(what: string, meta: { offset: number }) {
    super(`Expected canonical RLP, got ${what} at offset ${meta.offset}; ask another node.`, meta);
  }
}
