import { blake2b256 } from '../../../src/crypto/hashes.ts';
import { concatBytes } from '../../../src/shared/bytes.ts';
import { encodeCompact } from '../compact.ts';
import type { TrieNode } from './node.ts';

/** Encodes nodes of one trie version and computes roots; what it hashed once it remembers. */
export type TrieEncoder = {
  /** The node's bytes: header, partial key, children bitmap, value, children. */
  encodeNode(node: TrieNode): Uint8Array;
  /** The root hash, 32 bytes. */
  computeRoot(root: TrieNode | undefined): Uint8Array;
  /** True if the node stores the hash of its value instead of the value. */
  isValueHashed(value: Uint8Array): boolean;
};

const EMPTY_ROOT = blake2b256(Uint8Array.of(0));

/** State version 1: values of 33 bytes and more lie beside their node. SPEC: spec.polkadot.network, chap-state. */
export const STATE_TRIE: TrieEncoder = createTrieEncoder(33);
/** Version 0, as the root over a block's extrinsics still is: every value is inside its node. */
export const EXTRINSICS_TRIE: TrieEncoder = createTrieEncoder(Number.POSITIVE_INFINITY);

function createTrieEncoder(hashedFromBytes: number): TrieEncoder {
  const merkleValues = new WeakMap<TrieNode, Uint8Array>();
  const valueHashes = new WeakMap<Uint8Array, Uint8Array>();
  const isValueHashed = (value: Uint8Array) => value.length >= hashedFromBytes;

  /** What the parent holds: the encoding if shorter than 32 bytes, else its hash. */
  function merkleValue(node: TrieNode): Uint8Array {
    return remember(merkleValues, node, () => {
      const encoded = encodeNode(node);
      return encoded.length < 32 ? encoded : blake2b256(encoded);
    });
  }

  function encodeNode(node: TrieNode): Uint8Array {
    const isBranch = node.children.length > 0;
    const isHashed = node.value !== undefined && isValueHashed(node.value);
    const parts = [encodeHeader(node, headerKind(node, isHashed)), encodePath(node.path)];
    if (isBranch) parts.push(encodeBitmap(node));
    if (node.value !== undefined) parts.push(encodeValue(node.value));
    for (const child of node.children) {
      if (child === undefined) continue;
      const merkle = merkleValue(child);
      parts.push(encodeCompact(merkle.length), merkle);
    }
    return concatBytes(...parts);
  }

  function encodeValue(value: Uint8Array): Uint8Array {
    if (!isValueHashed(value)) return concatBytes(encodeCompact(value.length), value);
    return remember(valueHashes, value, () => blake2b256(value));
  }

  return {
    encodeNode,
    isValueHashed,
    computeRoot(root) {
      if (root === undefined) return EMPTY_ROOT;
      const merkle = merkleValue(root);
      return merkle.length === 32 ? merkle : blake2b256(merkle);
    },
  };
}

function remember<K extends object>(
  known: WeakMap<K, Uint8Array>,
  key: K,
  compute: () => Uint8Array,
): Uint8Array {
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  const computed = compute();
  known.set(key, computed);
  return computed;
}

/** The header's high bits and how many low bits hold the length of the partial key. */
type HeaderKind = readonly [prefix: number, lengthBits: number];

function headerKind({ value, children }: TrieNode, isHashed: boolean): HeaderKind {
  const isBranch = children.length > 0;
  if (isHashed) return isBranch ? [0x10, 4] : [0x20, 5];
  if (!isBranch) return [0x40, 6];
  return value === undefined ? [0x80, 6] : [0xc0, 6];
}

function encodeHeader({ path }: TrieNode, [prefix, lengthBits]: HeaderKind): Uint8Array {
  const most = 2 ** lengthBits - 1;
  if (path.length < most) return Uint8Array.of(prefix | path.length);
  const rest = path.length - most;
  const full = new Array<number>(Math.floor(rest / 255)).fill(255);
  return Uint8Array.of(prefix | most, ...full, rest % 255);
}

function encodePath(path: string): Uint8Array {
  return Buffer.from(path.length % 2 === 0 ? path : `0${path}`, 'hex');
}

function encodeBitmap({ children }: TrieNode): Uint8Array {
  const bits = children.reduce((sum, child, i) => sum | (child === undefined ? 0 : 1 << i), 0);
  return Uint8Array.of(bits & 255, bits >> 8);
}
