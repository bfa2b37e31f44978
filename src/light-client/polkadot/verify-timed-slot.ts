import { createScaleCursor, readU64 } from '../../codec/scale.ts';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { ProvenWord } from '../light-client.ts';
import { createProofMap, type ProofMap, settleUnusedNodes } from './proof-map.ts';
import { readTrieValue } from './read-trie-value.ts';
import { TIMESTAMP_NOW_KEY } from './storage-keys.ts';
import { type PinnedContract, readContractSlots, ZERO_WORD } from './verify-contract-slot.ts';

const MOMENT_BYTES = 8;

/**
 * The word that a contract keeps at one slot, and when its block was made: what the block itself has as `Timestamp.Now`.
 *
 * SPEC: docs/light-client-rules.md C.3 "Time". Milliseconds of Unix time, u64 in SCALE, under the same state root.
 * SECURITY: rounds are counted by this time, so a proof that leaves it out proves nothing.
 *
 * @param stateRoot 32 bytes, of a final block
 * @param slot      the slot as a 32-byte big-endian word
 * @param nodes     those of `state_getChildReadProof` for the slot and of `state_getReadProof` for `Timestamp.Now`, each
 *   once (untrusted)
 * @throws {BlockTimeError} BLOCK_TIME_ABSENT, BLOCK_TIME_LENGTH
 * @throws as `verifyContractSlots`
 */
export function verifyTimedSlot(
  stateRoot: Hex,
  { trieId }: PinnedContract,
  slot: Hex,
  nodes: readonly Uint8Array[],
): ProvenWord {
  const proof = createProofMap(nodes);
  const [word = ZERO_WORD] = readContractSlots(proof, { stateRoot, trieId }, [slot]);
  const blockTimeSec = readBlockTimeSec(proof, stateRoot);
  settleUnusedNodes(proof, 'refuse');
  return { word, blockTimeSec };
}

function readBlockTimeSec(proof: ProofMap, stateRoot: Hex): bigint {
  const moment = readTrieValue(proof, stateRoot, TIMESTAMP_NOW_KEY);
  if (moment === undefined) throw new BlockTimeError('BLOCK_TIME_ABSENT', 0);
  if (moment.length !== MOMENT_BYTES) throw new BlockTimeError('BLOCK_TIME_LENGTH', moment.length);
  return readU64(createScaleCursor(moment)) / 1000n;
}

export type BlockTimeErrorCode = 'BLOCK_TIME_ABSENT' | 'BLOCK_TIME_LENGTH';

/** A final state without a time that can be read: that of block 0, or of a runtime with another `pallet-timestamp`. */
export class BlockTimeError extends BridgeError<{ length: number }> {
  readonly code: BlockTimeErrorCode;
  readonly disposition = 'reject';
  constructor(code: BlockTimeErrorCode, length: number) {
    super(
      `Timestamp.Now: expected ${MOMENT_BYTES} bytes in the final state, got ${length}; prove it at a later block.`,
      { length },
    );
    this.code = code;
  }
}
