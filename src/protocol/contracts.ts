import { bytes32Word, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { concatBytes, type Hex, toHex } from '../shared/bytes.ts';

// Where the contracts keep what enclaves prove. test/vectors/typed-data.json holds this file and the contracts to the same
// slots.

/** Storage slots of a gateway, as 32-byte words. */
export const GATEWAY_SLOTS = {
  sentHead: slot(0),
  /** `sentCount` (uint64) in the low 8 bytes. */
  sentCount: slot(1),
  releasedHead: slot(2),
  /** `releasedCount` (uint64) in the low 8 bytes. */
  releasedCount: slot(3),
  /** `consumedCount` (uint64) in the low 8 bytes. */
  consumedCount: slot(4),
  /** Of the mapping from k to the head after message 256 × k. */
  heads: slot(5),
  /** Of the mapping from `index >> 8` to the bits of 256 messages. */
  spent: slot(6),
} as const;

/** Storage slots of the anchor, as 32-byte words. */
export const ANCHOR_SLOTS = {
  stateId: slot(0),
  /** `number` (uint64) in the low 8 bytes. */
  number: slot(1),
  /** Of the mapping from a transition's number to the state id after it. */
  idOf: slot(2),
  /** `round`, `asOf`, `control` and `suspendedThrough` (uint64 each), packed in this order from the low end. */
  progress: slot(3),
  controlHead: slot(4),
  /** `controlCount` (uint64) in the low 8 bytes. */
  controlCount: slot(5),
} as const;

/**
 * Where the anchor keeps the state id after transition `number`, of the genesis state under 0; the word is zero before
 * that transition is committed.
 *
 * SPEC: Solidity 0.8 documentation, "Layout of State Variables in Storage", mappings: keccak256(h(key) ‖ slot).
 *
 * @param number 64 bits
 */
export function anchorIdSlot(number: bigint): Hex {
  return toHex(keccak256(concatBytes(uintWord(number), bytes32Word(ANCHOR_SLOTS.idOf))));
}

function slot(position: number): Hex {
  return `0x${position.toString(16).padStart(64, '0')}`;
}
