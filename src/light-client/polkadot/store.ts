import type { Hex } from '../../shared/bytes.ts';
import { type AuthoritySet, createAuthoritySet } from './authority-set.ts';
import type { PolkadotConfig } from './config.ts';

/** A block that a light client knows to be final. */
export interface FinalizedBlock {
  /** u32. */
  readonly number: number;
  /** Block hash, 32 bytes. */
  readonly hash: Hex;
  /** Root of the state after the block, 32 bytes. */
  readonly stateRoot: Hex;
}

/** All that the client knows: the last final block, and the voters of the blocks after it. */
export interface PolkadotStore {
  readonly finalized: FinalizedBlock;
  readonly authoritySet: AuthoritySet;
}

/**
 * Starts from the pinned checkpoint, on whose word everything later rests.
 *
 * @throws {AuthoritySetError} the checkpoint's authorities cannot be a set
 */
export function initializePolkadotStore(config: PolkadotConfig): PolkadotStore {
  const { number, hash, stateRoot, setId, authorities } = config.checkpoint;
  const voters = authorities.map(({ id, weight }) => ({ id, weight: BigInt(weight) }));
  return {
    finalized: { number, hash, stateRoot },
    authoritySet: createAuthoritySet(BigInt(setId), voters),
  };
}
