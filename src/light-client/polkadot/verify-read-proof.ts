import type { Hex } from '../../shared/bytes.ts';
import { createProofMap, settleUnusedNodes, type UnusedNodesPolicy } from './proof-map.ts';
import { readTrieValue } from './read-trie-value.ts';

/** How a read proof is judged beyond what it proves. */
export interface ReadProofOptions {
  /**
   * What becomes of nodes that the keys do not need; `refuse` unless told otherwise, as a node answers with exactly the
   * nodes on the paths of the keys it was asked for. `ignore` is for a set that was asked for more keys than are read.
   */
  readonly unusedNodes?: UnusedNodesPolicy;
}

/**
 * The value of one storage key under `root`, or undefined for its proven absence.
 *
 * @param root  32 bytes, already trusted
 * @param key   the whole storage key
 * @param nodes the `proof` of `state_getReadProof` for this key (untrusted)
 * @returns a view of the proof
 * @throws {ReadProofError | TrieNodeError | ScaleError} as `createProofMap`, `readTrieValue`, `settleUnusedNodes`
 */
export function verifyReadProof(
  root: Hex,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
  options: ReadProofOptions = {},
): Uint8Array | undefined {
  return verifyReadProofs(root, [key], nodes, options)[0];
}

/**
 * The values of several keys under one root and from one set of nodes, in the order of the keys.
 *
 * @throws as `verifyReadProof`
 */
export function verifyReadProofs(
  root: Hex,
  keys: readonly Uint8Array[],
  nodes: readonly Uint8Array[],
  { unusedNodes = 'refuse' }: ReadProofOptions = {},
): readonly (Uint8Array | undefined)[] {
  const proof = createProofMap(nodes);
  const values = keys.map((key) => readTrieValue(proof, root, key));
  settleUnusedNodes(proof, unusedNodes);
  return values;
}
