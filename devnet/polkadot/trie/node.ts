/**
 * A persistent radix-16 trie: every change makes new nodes along one path and shares the rest, so
 * that the state of every block stays readable at the cost of what the block changed. Keys are
 * strings of lower-case hex digits, one per nibble.
 */
export type TrieNode = {
  readonly path: string;
  readonly value: Uint8Array | undefined;
  readonly children: readonly (TrieNode | undefined)[];
};

const NO_CHILDREN: readonly undefined[] = [];

/** The number that a hex digit stands for. */
function nibbleAt(key: string, at: number): number {
  const code = key.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}

function commonLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

function leaf(path: string, value: Uint8Array): TrieNode {
  return { path, value, children: NO_CHILDREN };
}

function withChild(node: TrieNode, index: number, child: TrieNode | undefined): TrieNode {
  const children = Array.from({ length: 16 }, (_, i) => (i === index ? child : node.children[i]));
  return { path: node.path, value: node.value, children };
}

/** The trie with `key` set to `value`. */
export function insert(node: TrieNode | undefined, key: string, value: Uint8Array): TrieNode {
  if (node === undefined) return leaf(key, value);
  const common = commonLength(node.path, key);
  if (common < node.path.length) return insert(split(node, common), key, value);
  if (common === key.length) return { path: node.path, value, children: node.children };
  const index = nibbleAt(key, common);
  return withChild(node, index, insert(node.children[index], key.slice(common + 1), value));
}

/** The same entries with a node at `length` nibbles of the path. */
function split(node: TrieNode, length: number): TrieNode {
  const lower = { ...node, path: node.path.slice(length + 1) };
  const upper = { path: node.path.slice(0, length), value: undefined, children: NO_CHILDREN };
  return withChild(upper, nibbleAt(node.path, length), lower);
}

/** The trie without `key`; undefined if nothing is left. */
export function remove(node: TrieNode | undefined, key: string): TrieNode | undefined {
  if (node === undefined || !key.startsWith(node.path)) return node;
  if (key.length === node.path.length) {
    return node.value === undefined ? node : collapse({ ...node, value: undefined });
  }
  const index = nibbleAt(key, node.path.length);
  const child = node.children[index];
  const left = remove(child, key.slice(node.path.length + 1));
  return left === child ? node : collapse(withChild(node, index, left));
}

/** A node without children is a leaf; one with neither a value nor two children is merged away. */
function collapse(node: TrieNode): TrieNode | undefined {
  const present = [...node.children.entries()].filter(([, child]) => child !== undefined);
  const [only, second] = present;
  if (only === undefined) return node.value && leaf(node.path, node.value);
  const [index, child] = only;
  if (node.value !== undefined || second !== undefined || child === undefined) return node;
  return { ...child, path: node.path + index.toString(16) + child.path };
}

/** Follows `key` from the root: the nodes passed, and the value if the key is there. */
export function walk(
  root: TrieNode | undefined,
  key: string,
): { passed: TrieNode[]; value: Uint8Array | undefined } {
  const passed: TrieNode[] = [];
  let node = root;
  let at = 0;
  while (node !== undefined) {
    passed.push(node);
    if (!key.startsWith(node.path, at)) break;
    at += node.path.length;
    if (at === key.length) return { passed, value: node.value };
    node = node.children[nibbleAt(key, at)];
    at += 1;
  }
  return { passed, value: undefined };
}

/** The smallest key greater than `after`, if any. */
export function nextKey(node: TrieNode | undefined, after: string): string | undefined {
  if (node === undefined) return undefined;
  const common = commonLength(node.path, after);
  if (common < node.path.length) {
    const isGreater = common === after.length || node.path.slice(common) > after.slice(common);
    return isGreater ? firstKey(node) : undefined;
  }
  if (after.length === common) return firstBelow(node, 0);
  const index = nibbleAt(after, common);
  const within = nextKey(node.children[index], after.slice(common + 1));
  if (within !== undefined) return node.path + index.toString(16) + within;
  return firstBelow(node, index + 1);
}

function firstKey(node: TrieNode): string | undefined {
  return node.value === undefined ? firstBelow(node, 0) : node.path;
}

function firstBelow(node: TrieNode, from: number): string | undefined {
  for (let index = from; index < node.children.length; index++) {
    const child = node.children[index];
    if (child !== undefined) return node.path + index.toString(16) + firstKey(child);
  }
  return undefined;
}
