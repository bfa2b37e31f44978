import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { createProofMap, type ProofMap, settleUnusedNodes } from './proof-map.ts';
import { readTrieValue } from './read-trie-value.ts';
import { childRootKey, slotKey } from './storage-keys.ts';
import type { ReadProofOptions } from './verify-read-proof.ts';

/** A pallet-revive contract as the measured configuration pins it. */
export interface PinnedContract {
  /** Id of its child trie, 32 bytes; the contract keeps it for life. */
  readonly trieId: Hex;
}

/** What a slot holds that is not there. */
export const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`;

/**
 * The word that a contract keeps at one slot.
 *
 * @param stateRoot 32 bytes, of a final block
 * @param slot      the slot as a 32-byte big-endian word; for a mapping the entry's keccak-256
 * @param nodes     the `proof` of `state_getChildReadProof` for this slot alone (untrusted)
 * @returns 32 bytes; zero if the slot, or the whole child trie, is proven absent
 * @throws as `verifyContractSlots`
 */
export function verifyContractSlot(
  stateRoot: Hex,
  contract: PinnedContract,
  slot: Hex,
  nodes: readonly Uint8Array[],
): Hex {
  const [word = ZERO_WORD] = verifyContractSlots(stateRoot, contract, [slot], nodes);
  return word;
}

/**
 * The words of several slots of one contract from one set of nodes, in the order of the slots.
 *
 * SPEC: docs/light-client-rules.md C.3 "Child tries" and "pallet-revive": the main trie first, then the child trie under the root
 * found there. A contract that stores zero deletes the entry, so absence is the word zero.
 *
 * @throws {ContractSlotError} a child root or a word that is not 32 bytes
 * @throws {ReadProofError | TrieNodeError | ScaleError} as `verifyReadProof`
 */
export function verifyContractSlots(
  stateRoot: Hex,
  { trieId }: PinnedContract,
  slots: readonly Hex[],
  nodes: readonly Uint8Array[],
  { unusedNodes = 'refuse' }: ReadProofOptions = {},
): readonly Hex[] {
  const proof = createProofMap(nodes);
  const words = readContractSlots(proof, { stateRoot, trieId }, slots);
  settleUnusedNodes(proof, unusedNodes);
  return words;
}

/** As {@link verifyContractSlots}, from nodes that are to prove something else too: unused ones are the caller's to settle. */
export function readContractSlots(
  proof: ProofMap,
  { stateRoot, trieId }: PinnedContract & { readonly stateRoot: Hex },
  slots: readonly Hex[],
): readonly Hex[] {
  const childRoot = readTrieValue(proof, stateRoot, childRootKey(trieId));
  return slots.map((slot) => readSlot(proof, childRoot, slot));
}

function readSlot(proof: ProofMap, childRoot: Uint8Array | undefined, slot: Hex): Hex {
  if (childRoot === undefined) return ZERO_WORD;
  const root = requireWord(childRoot, 'CONTRACT_CHILD_ROOT_LENGTH');
  const word = readTrieValue(proof, root, slotKey(slot));
  return word === undefined ? ZERO_WORD : requireWord(word, 'CONTRACT_SLOT_LENGTH');
}

function requireWord(bytes: Uint8Array, code: ContractSlotErrorCode): Hex {
  if (bytes.length !== 32) throw new ContractSlotError(code, bytes.length);
  return toHex(bytes);
}

export type ContractSlotErrorCode = 'CONTRACT_CHILD_ROOT_LENGTH' | 'CONTRACT_SLOT_LENGTH';

/** Proven storage that no pallet-revive contract has: the pinned trie id or the runtime is another. */
export class ContractSlotError extends BridgeError<{ length: number }> {
  readonly code: ContractSlotErrorCode;
  readonly disposition = 'halt';
  constructor(code: ContractSlotErrorCode, length: number) {
    super(`Contract storage: expected 32 bytes, got ${length}; check the pinned trie id.`, {
      length,
    });
    this.code = code;
  }
}
