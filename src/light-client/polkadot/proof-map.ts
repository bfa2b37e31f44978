import { blake2b256 } from '../../crypto/hashes.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { MAX_PROOF_BYTES, MAX_PROOF_NODES } from './limits.ts';

/** The nodes and hashed values of a read proof by their hash, each hashed once, and which of them were read. */
export interface ProofMap {
  readonly blobs: ReadonlyMap<Hex, Uint8Array>;
  readonly used: Set<Hex>;
}

/** What becomes of nodes that no read needed: `refuse` them as not part of this proof, or `ignore` them. */
export type UnusedNodesPolicy = 'refuse' | 'ignore';

/**
 * Prepares a read proof for any number of reads, under any roots.
 *
 * A blob has no type here: whether it is a node or a value is for the hash that points at it to say, so a value that
 * looks like a node is never walked, nor the reverse.
 *
 * @param nodes the `proof` of `state_getReadProof` or `state_getChildReadProof`, in any order (untrusted)
 * @throws {ReadProofError} READ_PROOF_TOO_LARGE, READ_PROOF_NODE_REPEATED
 */
export function createProofMap(nodes: readonly Uint8Array[]): ProofMap {
  const length = nodes.reduce((sum, node) => sum + node.length, 0);
  if (nodes.length > MAX_PROOF_NODES || length > MAX_PROOF_BYTES) {
    throw new ReadProofError('READ_PROOF_TOO_LARGE', { nodes: nodes.length, length });
  }
  const blobs = new Map<Hex, Uint8Array>();
  for (const node of nodes) {
    const hash = toHex(blake2b256(node));
    if (blobs.has(hash)) throw new ReadProofError('READ_PROOF_NODE_REPEATED', { hash });
    blobs.set(hash, node);
  }
  return { blobs, used: new Set() };
}

/**
 * The bytes whose hash this is.
 *
 * @throws {ReadProofError} READ_PROOF_INCOMPLETE: not in the proof, which says nothing about the key
 */
export function takeBlob(proof: ProofMap, hash: Hex): Uint8Array {
  const blob = proof.blobs.get(hash);
  if (blob === undefined) throw new ReadProofError('READ_PROOF_INCOMPLETE', { hash });
  proof.used.add(hash);
  return blob;
}

/**
 * To be called after the last read.
 *
 * @throws {ReadProofError} READ_PROOF_NODE_UNUSED under the policy `refuse`: a node that no read came by
 */
export function settleUnusedNodes(proof: ProofMap, policy: UnusedNodesPolicy): void {
  if (policy === 'ignore' || proof.used.size === proof.blobs.size) return;
  for (const hash of proof.blobs.keys()) {
    if (!proof.used.has(hash)) throw new ReadProofError('READ_PROOF_NODE_UNUSED', { hash });
  }
}

export type ReadProofErrorCode =
  | 'READ_PROOF_INCOMPLETE'
  | 'READ_PROOF_NODE_REPEATED'
  | 'READ_PROOF_NODE_UNUSED'
  | 'READ_PROOF_NODE_NOT_INLINE'
  | 'READ_PROOF_VALUE_NOT_INLINE'
  | 'READ_PROOF_TOO_LARGE';

const EXPECTED: Record<ReadProofErrorCode, string> = {
  READ_PROOF_INCOMPLETE: 'every node on the path of the key, one is missing',
  READ_PROOF_NODE_REPEATED: 'every node once, got one twice',
  READ_PROOF_NODE_UNUSED: 'only nodes on the paths of the keys, got another',
  READ_PROOF_NODE_NOT_INLINE: 'a node of less than 32 bytes inside its parent, got its hash there',
  READ_PROOF_VALUE_NOT_INLINE: 'a value of less than 33 bytes inside its node, got its hash there',
  READ_PROOF_TOO_LARGE: `at most ${MAX_PROOF_NODES} nodes and ${MAX_PROOF_BYTES} bytes`,
};

/** What a refusal is about, as far as it applies. */
export interface ReadProofErrorMeta {
  readonly hash?: Hex;
  readonly nodes?: number;
  readonly length?: number;
}

/** A set of nodes that proves nothing about the key: neither a value nor its absence. */
export class ReadProofError extends BridgeError<ReadProofErrorMeta> {
  readonly code: ReadProofErrorCode;
  readonly disposition = 'reject';
  constructor(code: ReadProofErrorCode, meta: ReadProofErrorMeta) {
    super(`Read proof refused: expected ${EXPECTED[code]}; ask another node for the proof.`, meta);
    this.code = code;
  }
}
