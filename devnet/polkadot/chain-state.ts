import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { bytesOf } from './hex.ts';
import { STATE_TRIE } from './trie/encode-node.ts';
import { insert, nextKey, remove, type TrieNode, walk } from './trie/node.ts';
import { createReadProof, mergeProofs } from './trie/read-proof.ts';

/** The whole state after one block: the top trie and the child tries by their id, hex without prefix. */
export type ChainState = {
  readonly top: TrieNode | undefined;
  readonly children: ReadonlyMap<string, TrieNode>;
};

/** Changed keys with their new values; null removes. Child keys as `:child_storage:default:` ++ id ++ key. */
export type StorageDiff = readonly (readonly [key: string, value: string | null])[];

/** `:child_storage:default:` */
export const CHILD_PREFIX = '3a6368696c645f73746f726167653a64656661756c743a';
/** pallet-revive's trie ids are 32-byte hashes; no other pallet of the runtime has child tries. */
const CHILD_ID_DIGITS = 64;
const CHILD_ROOT_DIGITS = CHILD_PREFIX.length + CHILD_ID_DIGITS;

export const EMPTY_STATE: ChainState = { top: undefined, children: new Map() };

/** The value at a key as the executor names it, child keys included. */
export function getStorage(state: ChainState, key: string): Uint8Array | undefined {
  const digits = key.slice(2);
  const child = splitChildKey(digits);
  if (child === undefined) return walk(state.top, digits).value;
  return walk(state.children.get(child.id), child.key).value;
}

/** The value at a key of the top trie, as the RPC interface names it: child keys are none. */
export function getTopStorage(state: ChainState, key: string): Uint8Array | undefined {
  return walk(state.top, key.slice(2)).value;
}

/** The value at a key of a child trie. */
export function getChildStorage(
  state: ChainState,
  id: string,
  key: string,
): Uint8Array | undefined {
  return walk(state.children.get(id), key.slice(2)).value;
}

/** The next key of the top trie, `0x`-prefixed, if it has the prefix. */
export function getNextKey(state: ChainState, prefix: string, after: string): Hex | undefined {
  return withPrefix(nextKey(state.top, after.slice(2)), prefix.slice(2));
}

/** The next key within a child trie, relative to the child. */
export function getNextChildKey(
  state: ChainState,
  id: string,
  { prefix, after }: { prefix: string; after: string },
): Hex | undefined {
  return withPrefix(nextKey(state.children.get(id), after.slice(2)), prefix.slice(2));
}

function withPrefix(key: string | undefined, prefix: string): Hex | undefined {
  return key?.startsWith(prefix) ? `0x${key}` : undefined;
}

/** Splits hex digits into child id and key, if they name an entry of a child trie. */
export function splitChildKey(digits: string): { id: string; key: string } | undefined {
  if (!digits.startsWith(CHILD_PREFIX) || digits.length <= CHILD_ROOT_DIGITS) return undefined;
  return {
    id: digits.slice(CHILD_PREFIX.length, CHILD_ROOT_DIGITS),
    key: digits.slice(CHILD_ROOT_DIGITS),
  };
}

/**
 * The state with a block's changes. The executor does not know sub-tries: what it writes as a
 * child's root is not real, so the roots are computed here and take its place.
 */
export function applyDiff(state: ChainState, diff: StorageDiff): ChainState {
  const children = new Map(state.children);
  const touched = new Set<string>();
  let top = state.top;
  for (const [key, value] of diff) {
    const digits = key.slice(2);
    const child = splitChildKey(digits);
    if (child !== undefined) {
      const next = change(children.get(child.id), child.key, value);
      if (next === undefined) children.delete(child.id);
      else children.set(child.id, next);
      touched.add(child.id);
    } else if (!isChildRoot(digits)) top = change(top, digits, value);
  }
  for (const id of touched) {
    const root = children.get(id);
    top = change(
      top,
      CHILD_PREFIX + id,
      root === undefined ? null : toHex(STATE_TRIE.computeRoot(root)),
    );
  }
  return { top, children };
}

function isChildRoot(digits: string): boolean {
  return digits.startsWith(CHILD_PREFIX);
}

function change(
  root: TrieNode | undefined,
  key: string,
  value: string | null,
): TrieNode | undefined {
  return value === null ? remove(root, key) : insert(root, key, bytesOf(value));
}

/** The state root that belongs into the block's header. */
export function computeStateRoot(state: ChainState): Hex {
  return toHex(STATE_TRIE.computeRoot(state.top));
}

/** The nodes that prove what `keys` of the top trie hold. */
export function proveKeys(state: ChainState, keys: readonly string[]): readonly Uint8Array[] {
  return createReadProof(
    state.top,
    keys.map((key) => key.slice(2)),
  );
}

/** The nodes that prove a child trie's root in the top trie and what `keys` of the child hold. */
export function proveChildKeys(
  state: ChainState,
  id: string,
  keys: readonly string[],
): readonly Uint8Array[] {
  const main = createReadProof(state.top, [CHILD_PREFIX + id]);
  const child = state.children.get(id);
  if (child === undefined) return main;
  return mergeProofs(
    main,
    createReadProof(
      child,
      keys.map((key) => key.slice(2)),
    ),
  );
}
