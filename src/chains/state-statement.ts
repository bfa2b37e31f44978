import { encodeJson } from '../codec/json.ts';
import type { StateProof } from '../protocol/state-proof.ts';
import { type Hex, toHex } from '../shared/bytes.ts';

/** Storage words of one contract at one block. */
export interface ShownWords {
  /** 20 bytes. */
  readonly address: Hex;
  readonly slots: readonly Hex[];
  /** Hash of the block that a light client takes to be final, 32 bytes. */
  readonly held: Hex;
  /** Of the contract's child trie, where contracts have one. */
  readonly trieId: Hex | undefined;
}

/**
 * What proofs of several words of a contract show together, as a proof bundle says it.
 *
 * @param proofs one for each slot, in their order, all at the same block
 * @param shows  whether a statement shows what it says, with nodes to spare or without
 */
export function stateStatement(
  words: ShownWords,
  proofs: readonly StateProof[],
  shows: (statement: unknown) => boolean,
): unknown {
  return proofs[0]?.kind === 'substrate'
    ? substrateStatement(words, proofs, shows)
    : ethereumStatement(words, proofs);
}

function ethereumStatement({ address, slots }: ShownWords, proofs: readonly StateProof[]): unknown {
  const own = proofs.filter((proof) => proof.kind === 'ethereum');
  return {
    header: own[0]?.header,
    address,
    accountProof: own[0]?.accountProof,
    slots: slots.map((slot, i) => ({ slot, proof: own[i]?.storageProof })),
  };
}

/** The proofs also show the time of the block, which a bundle says nothing of: a reader refuses nodes that prove nothing. */
function substrateStatement(
  { slots, held: blockHash, trieId }: ShownWords,
  proofs: readonly StateProof[],
  shows: (statement: unknown) => boolean,
): unknown {
  const own = proofs.filter((proof) => proof.kind === 'substrate');
  const hop = own[0]?.hop === undefined ? {} : { hop: own[0].hop };
  const about = { blockHash, trieId, slots, ...hop };
  const all = new Map(own.flatMap(({ nodes }) => nodes).map((node) => [toHex(node), node]));
  const isNeeded = (node: Hex): boolean => {
    const nodes = [...all.keys()].filter((each) => each !== node);
    return !shows(JSON.parse(encodeJson({ ...about, nodes })));
  };
  return { ...about, nodes: [...all.keys()].filter(isNeeded) };
}
