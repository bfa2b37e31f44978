import { STATE_TRIE } from './encode-node.ts';
import { type TrieNode, walk } from './node.ts';

/**
 * The nodes that show what `keys` hold, or that they are absent: every node on the way that is not
 * inlined in its parent, and the values that nodes name by hash. Sorted, without repetition, as a
 * node answers `state_getReadProof`.
 */
export function createReadProof(
  root: TrieNode | undefined,
  keys: readonly string[],
): readonly Uint8Array[] {
  const nodes = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array) => nodes.set(Buffer.from(bytes).toString('hex'), bytes);
  if (root === undefined) add(Uint8Array.of(0));
  for (const key of keys) {
    const { passed, value } = walk(root, key);
    for (const node of passed) {
      const encoded = STATE_TRIE.encodeNode(node);
      if (node === root || encoded.length >= 32) add(encoded);
    }
    if (value !== undefined && STATE_TRIE.isValueHashed(value)) add(value);
  }
  return mergeProofs([...nodes.values()]);
}

/** The union of several proofs' nodes, sorted by their bytes. */
export function mergeProofs(...proofs: readonly (readonly Uint8Array[])[]): readonly Uint8Array[] {
  const nodes = new Map(proofs.flat().map((node) => [Buffer.from(node).toString('hex'), node]));
  return [...nodes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, node]) => node);
}
