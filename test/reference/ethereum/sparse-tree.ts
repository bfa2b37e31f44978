import { createHash } from 'node:crypto';

/** A Merkle tree of which only some nodes matter; every other subtree has a root made from its index. */
export interface SparseTree {
  readonly root: Uint8Array;
  /** The siblings of `gindex` from the leaf up. */
  branch(gindex: number): Uint8Array[];
}

/** Slow and obvious: computes each node from its definition, as often as it is asked. */
export function sparseTree(leaves: ReadonlyMap<number, Uint8Array>): SparseTree {
  const isAbove = (gindex: number) => [...leaves.keys()].some((leaf) => climbsTo(leaf, gindex));
  const node = (gindex: number): Uint8Array => {
    const leaf = leaves.get(gindex);
    if (leaf !== undefined) return leaf;
    if (!isAbove(gindex)) return sha256(Buffer.from(`subtree ${gindex}`));
    return sha256(Buffer.concat([node(2 * gindex), node(2 * gindex + 1)]));
  };
  return {
    root: node(1),
    branch: (gindex) => {
      const siblings: Uint8Array[] = [];
      for (let at = gindex; at > 1; at = Math.floor(at / 2))
        siblings.push(node(at % 2 ? at - 1 : at + 1));
      return siblings;
    },
  };
}

function climbsTo(leaf: number, ancestor: number): boolean {
  let at = leaf;
  while (at > ancestor) at = Math.floor(at / 2);
  return at === ancestor;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}
