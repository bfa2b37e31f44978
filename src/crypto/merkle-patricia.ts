import { decodeRlp, encodeRlp, type RlpItem } from '../codec/rlp.ts';
import { equalBytes, fromHex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { keccak256 } from './hashes.ts';

// Proofs in Ethereum's hexary Merkle-Patricia tries.
// SPEC: Ethereum Yellow Paper, appendices C (hex-prefix) and D (trie).

/** Longest proof: one node for each nibble of a 32-byte key, and the last. */
export const MAX_TRIE_PROOF_NODES = 65;
/** Longest node: a branch of sixteen hashes and a value; 532 bytes in practice. */
const MAX_TRIE_NODE_BYTES = 1024;

/** Root of the trie without entries: Keccak-256 of the RLP of the empty string. */
export const EMPTY_TRIE_ROOT = fromHex(
  '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
);

/**
 * The value at `key` in the trie with root `root`, or undefined if the proof shows that there is none.
 *
 * Nodes are taken in order, each must have the hash that its parent names, and all must be used. A node
 * shorter than 32 bytes stands inside its parent and is no element of the proof. The empty trie is
 * proven by no node, or by the one node 0x80.
 *
 * @param root  32 bytes, already trusted
 * @param key   the hashed key, 32 bytes
 * @param proof nodes from the root down (untrusted)
 * @returns a view into the proof
 * @throws {TrieProofError} a node is missing, superfluous, malformed or not the one its parent names
 */
export function verifyTrieProof(
  root: Uint8Array,
  key: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (proof.length > MAX_TRIE_PROOF_NODES) {
    throw new TrieProofError('TRIE_PROOF_TOO_LONG', { node: proof.length });
  }
  if (proof.length === 0 && equalBytes(root, EMPTY_TRIE_ROOT)) return undefined;
  const walk = { proof, used: 0 };
  let step: Step = { nibbles: toNibbles(key), link: root };
  while ('link' in step) step = descend(openNode(walk, step.link), step.nibbles, walk.used - 1);
  if (walk.used !== proof.length) {
    throw new TrieProofError('TRIE_PROOF_EXTRA_NODES', { node: walk.used });
  }
  return step.value;
}

interface Walk {
  readonly proof: readonly Uint8Array[];
  used: number;
}

/** Either the answer, or the next node's name (a hash, or the node itself) and the key still to walk. */
type Step =
  | { readonly value: Uint8Array | undefined }
  | { readonly link: RlpItem; readonly nibbles: Uint8Array };

const ABSENT: Step = { value: undefined };

function openNode(walk: Walk, link: RlpItem): RlpItem {
  const at = walk.used;
  if (!(link instanceof Uint8Array)) return inlineNode(link, at - 1);
  const node = walk.proof[at];
  if (link.length !== 32) throw malformed(at - 1, 'a child that is neither a hash nor a node');
  if (node === undefined) throw new TrieProofError('TRIE_PROOF_INCOMPLETE', { node: at });
  if (node.length > MAX_TRIE_NODE_BYTES) throw malformed(at, `${node.length} bytes`);
  if (!equalBytes(keccak256(node), link)) {
    throw new TrieProofError('TRIE_NODE_HASH_MISMATCH', { node: at, expected: toHex(link) });
  }
  if (at > 0 && node.length < 32) throw malformed(at, 'a short node named by its hash');
  walk.used++;
  return decodeRlp(node);
}

/** A child stands inside its parent exactly if it is shorter than a hash. */
function inlineNode(node: RlpItem, at: number): RlpItem {
  if (encodeRlp(node).length < 32) return node;
  throw malformed(at, 'a long node inside its parent');
}

function descend(node: RlpItem, nibbles: Uint8Array, at: number): Step {
  if (node instanceof Uint8Array) return descendEmpty(node, at);
  if (node.length === 17) return descendBranch(node, nibbles, at);
  if (node.length === 2) return descendPath(node, nibbles, at);
  throw malformed(at, `${node.length} items`);
}

/** The empty string is a whole trie of its own; inside one it is no node, being shorter than its hash. */
function descendEmpty(node: Uint8Array, at: number): Step {
  if (node.length !== 0) throw malformed(at, 'a string in the place of a node');
  return ABSENT;
}

function descendBranch(node: readonly RlpItem[], nibbles: Uint8Array, at: number): Step {
  const [next] = nibbles;
  const link = node[next ?? 16] ?? new Uint8Array();
  if (next === undefined) return { value: presentValue(link, at) };
  if (link.length === 0) return emptyChild(link, at);
  return { link, nibbles: nibbles.subarray(1) };
}

function emptyChild(link: RlpItem, at: number): Step {
  if (!(link instanceof Uint8Array)) throw malformed(at, 'an empty list as a child');
  return ABSENT;
}

function descendPath(node: readonly RlpItem[], nibbles: Uint8Array, at: number): Step {
  // CAST: the caller has counted two items.
  const [encoded, second] = node as readonly [RlpItem, RlpItem];
  if (!(encoded instanceof Uint8Array)) throw malformed(at, 'no path');
  const { path, isLeaf } = decodeHexPrefix(encoded, at);
  if (!isLeaf && path.length === 0) throw malformed(at, 'an extension without a path');
  const rest = nibbles.subarray(path.length);
  const isOnPath = equalBytes(nibbles.subarray(0, path.length), path);
  if (isLeaf) return leafValue(second, isOnPath && rest.length === 0, at);
  if (second.length === 0) throw malformed(at, 'an extension without a child');
  return isOnPath ? { link: second, nibbles: rest } : ABSENT;
}

function leafValue(item: RlpItem, isMatch: boolean, at: number): Step {
  const value = presentValue(item, at);
  if (value === undefined) throw malformed(at, 'a leaf without a value');
  return isMatch ? { value } : ABSENT;
}

function presentValue(item: RlpItem, at: number): Uint8Array | undefined {
  if (!(item instanceof Uint8Array)) throw malformed(at, 'a list in the place of a value');
  return item.length === 0 ? undefined : item;
}

/** SPEC: Yellow Paper, appendix C: flag nibble 2·leaf + odd, then a zero nibble if the path is even. */
function decodeHexPrefix(encoded: Uint8Array, at: number): { path: Uint8Array; isLeaf: boolean } {
  const nibbles = toNibbles(encoded);
  const flag = nibbles[0];
  if (flag === undefined || flag > 3) throw malformed(at, 'a path with an unknown flag');
  const isOdd = flag % 2 === 1;
  if (!isOdd && nibbles[1] !== 0) throw malformed(at, 'an even path with non-zero padding');
  return { path: nibbles.subarray(isOdd ? 1 : 2), isLeaf: flag >= 2 };
}

function toNibbles(bytes: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(2 * bytes.length);
  bytes.forEach((byte, i) => {
    nibbles[2 * i] = byte >> 4;
    nibbles[2 * i + 1] = byte & 15;
  });
  return nibbles;
}

function malformed(node: number, got: string): TrieProofError {
  return new TrieProofError('TRIE_NODE_MALFORMED', { node, got });
}

interface TrieProofMeta {
  /** Position in the proof; an inline node counts as its parent. */
  readonly node: number;
  readonly expected?: string;
  readonly got?: string;
}

const MESSAGES = {
  TRIE_PROOF_TOO_LONG: `Expected a proof of at most ${MAX_TRIE_PROOF_NODES} nodes`,
  TRIE_PROOF_INCOMPLETE: 'Expected another node, got the end of the proof',
  TRIE_PROOF_EXTRA_NODES: 'Expected the end of the proof, got another node',
  TRIE_NODE_HASH_MISMATCH: 'Expected the node that its parent or the root names, got another',
  TRIE_NODE_MALFORMED: 'Expected a canonical trie node',
} as const;

/** The proof proves nothing: neither a value nor its absence. */
export class TrieProofError extends BridgeError<TrieProofMeta> {
  readonly code:
    | 'TRIE_PROOF_TOO_LONG'
    | 'TRIE_PROOF_INCOMPLETE'
    | 'TRIE_PROOF_EXTRA_NODES'
    | 'TRIE_NODE_HASH_MISMATCH'
    | 'TRIE_NODE_MALFORMED';
  readonly disposition = 'reject';
  constructor(code: TrieProofError['code'], meta: TrieProofMeta) {
    const got = meta.got === undefined ? '' : `, got ${meta.got}`;
    super(
      `${MESSAGES[code]}${got} (node ${meta.node}); ask for the proof at this block again.`,
      meta,
    );
    this.code = code;
  }
}
