import {
  createScaleCursor,
  expectEnd,
  readBytes,
  readByteVector,
  readU8,
  readU16,
  type ScaleCursor,
} from '../../codec/scale.ts';
import { BridgeError } from '../../shared/errors.ts';
import { type Nibbles, readNibbles } from './nibbles.ts';

// SPEC: docs/light-client-rules.md C.3; spec.polkadot.network chap-state "Node header". The byte strings are views of the node.

/** What a node says about the value at its own path. */
export type TrieValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  /** State version 1, values of 33 bytes and more: the value's BLAKE2b-256. */
  | { readonly kind: 'hashed'; readonly hash: Uint8Array };

/** A node of a Substrate state trie of either version. */
export interface TrieNode {
  readonly partialKey: Nibbles;
  readonly value: TrieValue;
  /** Empty for a leaf; else 16 places: a node of less than 32 bytes, the hash of a longer one, or nothing. */
  readonly children: readonly (Uint8Array | undefined)[];
}

interface NodeHeader {
  /** The smallest first byte of this variant. */
  readonly least: number;
  readonly shape: 'leaf' | 'branch';
  readonly value: TrieValue['kind'];
  /** Low bits of the first byte that hold the length of the partial key. */
  readonly lengthBits: number;
}

/** The spec's table of variants, by falling first byte. */
const HEADERS: readonly NodeHeader[] = [
  { least: 0b1100_0000, shape: 'branch', value: 'inline', lengthBits: 6 },
  { least: 0b1000_0000, shape: 'branch', value: 'none', lengthBits: 6 },
  { least: 0b0100_0000, shape: 'leaf', value: 'inline', lengthBits: 6 },
  { least: 0b0010_0000, shape: 'leaf', value: 'hashed', lengthBits: 5 },
  { least: 0b0001_0000, shape: 'branch', value: 'hashed', lengthBits: 4 },
];

const EMPTY_TRIE: TrieNode = {
  partialKey: { bytes: new Uint8Array(0), start: 0, count: 0 },
  value: { kind: 'none' },
  children: [],
};

/**
 * Decodes the node a root hash stands for, which alone may be the empty trie (the single byte 0).
 *
 * @throws as `decodeTrieNode`
 */
export function decodeRootNode(bytes: Uint8Array): TrieNode {
  return bytes.length === 1 && bytes[0] === 0 ? EMPTY_TRIE : decodeTrieNode(bytes);
}

/**
 * Decodes one node that fills `bytes` exactly.
 *
 * @throws {ScaleError} truncated, trailing bytes, a compact that is not canonical
 * @throws {TrieNodeError} TRIE_NODE_HEADER_UNKNOWN: no variant has this first byte, the compact-proof escape and the
 *   empty trie included; TRIE_NODE_PADDING: an odd partial key whose first nibble is not 0; TRIE_NODE_CHILDLESS: a
 *   branch with an empty bitmap; TRIE_NODE_CHILD_TOO_LONG: a merkle value of more than 32 bytes
 */
export function decodeTrieNode(bytes: Uint8Array): TrieNode {
  const cursor = createScaleCursor(bytes);
  const first = readU8(cursor);
  const header = HEADERS.find(({ least }) => first >= least);
  if (header === undefined) throw new TrieNodeError('TRIE_NODE_HEADER_UNKNOWN', first);
  const count = readKeyLength(cursor, first, (1 << header.lengthBits) - 1);
  const partialKey = readPartialKey(cursor, count);
  const bitmap = header.shape === 'leaf' ? 0 : readBitmap(cursor);
  const value = readValue(cursor, header.value);
  const children = readChildren(cursor, bitmap);
  expectEnd(cursor);
  return { partialKey, value, children };
}

/** Nibbles of the partial key: the low bits of the first byte, and while all bits are ones, the next byte too. */
function readKeyLength(cursor: ScaleCursor, first: number, mask: number): number {
  let count = first & mask;
  if (count < mask) return count;
  let more = readU8(cursor);
  for (; more === 255; more = readU8(cursor)) count += more;
  return count + more;
}

function readPartialKey(cursor: ScaleCursor, count: number): Nibbles {
  const partialKey = readNibbles(readBytes(cursor, Math.ceil(count / 2)), count);
  if (partialKey === undefined) throw new TrieNodeError('TRIE_NODE_PADDING', count);
  return partialKey;
}

function readBitmap(cursor: ScaleCursor): number {
  const bitmap = readU16(cursor);
  if (bitmap === 0) throw new TrieNodeError('TRIE_NODE_CHILDLESS', 0);
  return bitmap;
}

function readValue(cursor: ScaleCursor, kind: TrieValue['kind']): TrieValue {
  if (kind === 'none') return { kind };
  if (kind === 'inline') return { kind, bytes: readByteVector(cursor) };
  return { kind, hash: readBytes(cursor, 32) };
}

function readChildren(cursor: ScaleCursor, bitmap: number): readonly (Uint8Array | undefined)[] {
  if (bitmap === 0) return [];
  const children: (Uint8Array | undefined)[] = [];
  for (let nibble = 0; nibble < 16; nibble++) {
    children.push((bitmap >> nibble) & 1 ? readMerkleValue(cursor) : undefined);
  }
  return children;
}

function readMerkleValue(cursor: ScaleCursor): Uint8Array {
  const merkleValue = readByteVector(cursor);
  if (merkleValue.length > 32) {
    throw new TrieNodeError('TRIE_NODE_CHILD_TOO_LONG', merkleValue.length);
  }
  return merkleValue;
}

export type TrieNodeErrorCode =
  | 'TRIE_NODE_HEADER_UNKNOWN'
  | 'TRIE_NODE_PADDING'
  | 'TRIE_NODE_CHILDLESS'
  | 'TRIE_NODE_CHILD_TOO_LONG';

const EXPECTED: Record<TrieNodeErrorCode, string> = {
  TRIE_NODE_HEADER_UNKNOWN: 'the first byte of a node of a plain proof',
  TRIE_NODE_PADDING: 'an odd partial key to begin with nibble 0, for a length of',
  TRIE_NODE_CHILDLESS: 'a branch with a child',
  TRIE_NODE_CHILD_TOO_LONG: 'a merkle value of at most 32 bytes',
};

/** Bytes that are no node of a Substrate state trie. */
export class TrieNodeError extends BridgeError<{ got: number }> {
  readonly code: TrieNodeErrorCode;
  readonly disposition = 'reject';
  constructor(code: TrieNodeErrorCode, got: number) {
    super(`Trie node refused: expected ${EXPECTED[code]}, got ${got}; ask another node.`, { got });
    this.code = code;
  }
}
