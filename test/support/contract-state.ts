import { encodeU64 } from '../../src/codec/scale.ts';
import {
  childRootKey,
  slotKey,
  TIMESTAMP_NOW_KEY,
} from '../../src/light-client/polkadot/storage-keys.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { type BuiltTrie, buildTrie } from '../reference/polkadot/trie-builder.ts';

/** A state with contracts in it, each with its child trie. */
export interface ContractState {
  readonly stateRoot: Hex;
  readonly childRoots: ReadonlyMap<Hex, Hex>;
  /** The nodes that `state_getChildReadProof` answers with: those of `proveMain` and `proveChild`. */
  prove(trieId: Hex, slots: readonly Hex[]): Uint8Array[];
  /** Those and the nodes to `Timestamp.Now`, each once: what a proof of a word and its time holds. */
  proveTimed(trieId: Hex, slots: readonly Hex[]): Uint8Array[];
  /** The nodes from the state root to the child root. */
  proveMain(trieId: Hex): Uint8Array[];
  /** The nodes from the state root to a key of the entries beside, or to where it is absent. */
  proveBeside(key: string): Uint8Array[];
  /** The nodes from the child root to the slots. */
  proveChild(trieId: Hex, slots: readonly Hex[]): Uint8Array[];
}

/** The slot `n` as a word. */
export function word(n: number): Hex {
  return `0x${n.toString(16).padStart(64, '0')}`;
}

/** A trie key as the reference builder writes it. */
export function plain(key: Uint8Array): string {
  return toHex(key).slice(2);
}

/** Builds a state of version 1 from the contracts' slots by trie id, and from entries beside them. */
export function contractState(
  contracts: ReadonlyMap<Hex, ReadonlyMap<Hex, Uint8Array>>,
  beside: ReadonlyMap<string, Uint8Array> = new Map(),
): ContractState {
  const children = new Map<Hex, BuiltTrie>();
  const top = new Map(beside);
  for (const [trieId, slots] of contracts) {
    const child = buildTrie(new Map([...slots].map(([s, v]) => [plain(slotKey(s)), v])), 1);
    children.set(trieId, child);
    top.set(plain(childRootKey(trieId)), child.root);
  }
  const main = buildTrie(top, 1);
  const proveMain = (trieId: Hex) => main.prove([plain(childRootKey(trieId))]);
  const proveChild = (trieId: Hex, slots: readonly Hex[]) =>
    children.get(trieId)?.prove(slots.map((slot) => plain(slotKey(slot)))) ?? [];
  return {
    stateRoot: toHex(main.root),
    childRoots: new Map([...children].map(([trieId, { root }]) => [trieId, toHex(root)])),
    prove: (trieId, slots) => union(proveMain(trieId), proveChild(trieId, slots)),
    proveTimed: (trieId, slots) =>
      union(proveMain(trieId), proveChild(trieId, slots), main.prove([plain(TIMESTAMP_NOW_KEY)])),
    proveMain,
    proveBeside: (key) => main.prove([key]),
    proveChild,
  };
}

/** The entry beside a state's contracts that says when its block was made, in milliseconds of Unix time. */
export function timestampNow(ms: bigint): Map<string, Uint8Array> {
  return new Map([[plain(TIMESTAMP_NOW_KEY), encodeU64(ms)]]);
}

/** Every node once. */
export function union(...sets: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  return [...new Map(sets.flat().map((node) => [toHex(node), node])).values()];
}
