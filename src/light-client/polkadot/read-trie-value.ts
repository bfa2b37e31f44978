import { type Hex, toHex } from '../../shared/bytes.ts';
import { continuesWith, keyNibbles, nibbleAt } from './nibbles.ts';
import { type ProofMap, ReadProofError, takeBlob } from './proof-map.ts';
import { decodeRootNode, decodeTrieNode, type TrieNode, type TrieValue } from './trie-node.ts';

/**
 * Reads the value at `key` in the trie under `root`, or proves that there is none.
 *
 * SPEC: docs/light-client-rules.md C.3 "Verify"; smoldot lib/src/trie/proof_decode.rs. Both state versions, mixed as they come.
 * SECURITY: absence is only what the nodes on the path say themselves: a path that leaves the key, a missing child bit,
 * a leaf reached early, a node without a value. A node that the proof lacks is an error.
 *
 * @param root 32 bytes, already trusted
 * @returns the value's bytes as a view of the proof, or undefined for proven absence
 * @throws {ReadProofError} READ_PROOF_INCOMPLETE, READ_PROOF_NODE_NOT_INLINE, READ_PROOF_VALUE_NOT_INLINE
 * @throws {TrieNodeError | ScaleError} bytes on the path that are no node
 */
export function readTrieValue(proof: ProofMap, root: Hex, key: Uint8Array): Uint8Array | undefined {
  const path = keyNibbles(key);
  let node = decodeRootNode(takeBlob(proof, root));
  // Each turn uses up at least one nibble of the path.
  for (let depth = 0; ; depth++) {
    if (!continuesWith(path, depth, node.partialKey)) return undefined;
    depth += node.partialKey.count;
    if (depth === path.count) return readNodeValue(proof, node.value);
    const child = node.children[nibbleAt(path, depth)];
    if (child === undefined) return undefined;
    node = decodeChild(proof, child);
  }
}

function decodeChild(proof: ProofMap, merkleValue: Uint8Array): TrieNode {
  if (merkleValue.length < 32) return decodeTrieNode(merkleValue);
  const hash = toHex(merkleValue);
  const bytes = takeBlob(proof, hash);
  if (bytes.length < 32) throw new ReadProofError('READ_PROOF_NODE_NOT_INLINE', { hash });
  return decodeTrieNode(bytes);
}

function readNodeValue(proof: ProofMap, value: TrieValue): Uint8Array | undefined {
  if (value.kind === 'none') return undefined;
  if (value.kind === 'inline') return value.bytes;
  const hash = toHex(value.hash);
  const bytes = takeBlob(proof, hash);
  if (bytes.length < 33) throw new ReadProofError('READ_PROOF_VALUE_NOT_INLINE', { hash });
  return bytes;
}
