import type { Hex } from '../shared/bytes.ts';

// Where the contracts keep what enclaves prove. contracts-evm/test/StorageLayout.t.sol fixes the same slots.

/** Storage slots of a gateway, as 32-byte words. */
export const GATEWAY_SLOTS = {
  sentHead: slot(0),
  /** `sentCount` (uint64) in the low 8 bytes. */
  sentCount: slot(1),
  releasedHead: slot(2),
} as const;

/** Storage slots of the anchor, as 32-byte words. */
export const ANCHOR_SLOTS = {
  stateId: slot(0),
  /** `number` (uint64) in the low 8 bytes. */
  number: slot(1),
} as const;

function slot(position: number): Hex {
  return `0x${position.toString(16).padStart(64, '0')}`;
}
