import { blake2b } from '@noble/hashes/blake2.js';

// A Substrate state trie built the slow way: whole, from its entries, in nibble strings. SPEC: docs/light-client-rules.md C.3.

/** Key → value, both as bytes written in hex without prefix. */
export type Entries = ReadonlyMap<string, Uint8Array>;

/** A built trie: its root and every blob that some hash in it stands for. */
export interface BuiltTrie {
  readonly root: Uint8Array;
  /** The nodes and hashed values that a node would serve for these keys, as `state_getReadProof` does. */
  prove(keys: readonly string[]): Uint8Array[];
}

interface Built {
  readonly encoded: Uint8Array;
  /** Nibbles from the root to this node, its own partial key included. */
  readonly path: string;
  readonly hashedValue: Uint8Array | undefined;
  readonly children: readonly Built[];
}

/** Builds the trie of the given state version. */
export function buildTrie(entries: Entries, version: 0 | 1): BuiltTrie {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const top = sorted.length === 0 ? emptyTrie() : build(sorted, '', version);
  return {
    root: blake256(top.encoded),
    prove: (keys) => {
      const blobs = new Map<string, Uint8Array>([[hex(top.encoded), top.encoded]]);
      for (const key of keys) collect(top, key, blobs);
      return [...blobs.values()];
    },
  };
}

function emptyTrie(): Built {
  return { encoded: Uint8Array.of(0), path: '?', hashedValue: undefined, children: [] };
}

function build(entries: [string, Uint8Array][], above: string, version: 0 | 1): Built {
  const path = commonPrefix(entries.map(([key]) => key));
  const own = entries.find(([key]) => key === path)?.[1];
  const partial = path.slice(above.length);
  const children = new Map<string, Built>();
  for (const nibble of '0123456789abcdef') {
    const below = entries.filter(([key]) => key.startsWith(path + nibble));
    if (below.length > 0) children.set(nibble, build(below, path + nibble, version));
  }
  const hashedValue = version === 1 && own !== undefined && own.length > 32 ? own : undefined;
  const encoded = encodeNode(partial, own, hashedValue, children);
  return { encoded, path, hashedValue, children: [...children.values()] };
}

function collect(node: Built, key: string, blobs: Map<string, Uint8Array>): void {
  if (!key.startsWith(node.path)) return;
  if (key === node.path) {
    if (node.hashedValue !== undefined) blobs.set(hex(node.hashedValue), node.hashedValue);
    return;
  }
  const child = node.children.find(({ path }) => path[node.path.length] === key[node.path.length]);
  if (child === undefined) return;
  if (child.encoded.length >= 32) blobs.set(hex(child.encoded), child.encoded);
  collect(child, key, blobs);
}

function encodeNode(
  partial: string,
  value: Uint8Array | undefined,
  hashedValue: Uint8Array | undefined,
  children: ReadonlyMap<string, Built>,
): Uint8Array {
  const variant = nodeVariant(value !== undefined, hashedValue !== undefined, children.size > 0);
  const parts = [header(variant, partial.length), packNibbles(partial)];
  if (children.size > 0) {
    const bits = [...children.keys()].reduce((sum, nibble) => sum + 2 ** parseInt(nibble, 16), 0);
    parts.push([bits % 256, Math.floor(bits / 256)]);
  }
  if (hashedValue !== undefined) parts.push([...blake256(hashedValue)]);
  else if (value !== undefined) parts.push(lengthPrefixed(value));
  for (const { encoded } of children.values()) {
    parts.push(lengthPrefixed(encoded.length < 32 ? encoded : blake256(encoded)));
  }
  return Uint8Array.from(parts.flat());
}

/** The leading bits of the first byte. */
function nodeVariant(value: boolean, hashed: boolean, branch: boolean): string {
  if (branch && hashed) return '0001';
  if (branch) return value ? '11' : '10';
  return hashed ? '001' : '01';
}

/** First byte (variant bits, then as much of the length as fits) and the bytes that hold the rest of the length. */
function header(bits: string, nibbles: number): number[] {
  const room = 2 ** (8 - bits.length) - 1;
  const first = parseInt(bits.padEnd(8, '0'), 2);
  if (nibbles < room) return [first + nibbles];
  const rest = nibbles - room;
  return [first + room, ...Array<number>(Math.floor(rest / 255)).fill(255), rest % 255];
}

function packNibbles(nibbles: string): number[] {
  const even = nibbles.length % 2 === 0 ? nibbles : `0${nibbles}`;
  return (even.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
}

function lengthPrefixed(bytes: Uint8Array): number[] {
  return [...compact(bytes.length), ...bytes];
}

function compact(value: number): number[] {
  if (value < 64) return [value * 4];
  if (value < 16_384) return [(value * 4 + 1) % 256, Math.floor(value / 64)];
  const wide = value * 4 + 2;
  return [wide % 256, Math.floor(wide / 256) % 256, Math.floor(wide / 65_536) % 256, 0];
}

function commonPrefix(keys: readonly string[]): string {
  const [first = '', last = ''] = [keys[0], keys.at(-1)];
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return first.slice(0, length);
}

function blake256(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
