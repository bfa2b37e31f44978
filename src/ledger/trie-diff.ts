import {
  bitOf,
  firstDifferingBit,
  firstLeaf,
  isLeaf,
  type Leaf,
  leavesOf,
  type Trie,
} from './trie.ts';

/** Called with an entry of the old trie and that of the new one with the same key, undefined where there is none. */
export type VisitPair<V> = (old: Leaf<V> | undefined, now: Leaf<V> | undefined) => void;

/** Visits by ascending key the entries of all that two tries do not share; what they share is passed over unseen. */
export function compareTries<V>(
  old: Trie<V> | undefined,
  now: Trie<V> | undefined,
  visit: VisitPair<V>,
): void {
  if (old === now) return;
  if (old === undefined || now === undefined) visitAll(old, now, visit);
  else if (isLeaf(old) && isLeaf(now) && old.key === now.key) visit(old, now);
  else {
    const bit = splittingBit(old, now);
    compareTries(sideOf(old, bit, 0), sideOf(now, bit, 0), visit);
    compareTries(sideOf(old, bit, 1), sideOf(now, bit, 1), visit);
  }
}

function visitAll<V>(
  old: Trie<V> | undefined,
  now: Trie<V> | undefined,
  visit: VisitPair<V>,
): void {
  if (old !== undefined) for (const leaf of leavesOf(old)) visit(leaf, undefined);
  if (now !== undefined) for (const leaf of leavesOf(now)) visit(undefined, leaf);
}

/** The first bit in which any two keys of both differ: before it all are equal, so that it parts them by order. */
function splittingBit<V>(a: Trie<V>, b: Trie<V>): number {
  return Math.min(a.bit, b.bit, firstDifferingBit(firstLeaf(a).key, firstLeaf(b).key));
}

/** The part of a trie whose keys have `side` at `bit`, which is not behind the first in which they differ. */
function sideOf<V>(trie: Trie<V>, bit: number, side: 0 | 1): Trie<V> | undefined {
  if (!isLeaf(trie) && trie.bit === bit) return side === 0 ? trie.left : trie.right;
  return bitOf(firstLeaf(trie).key, bit) === side ? trie : undefined;
}
