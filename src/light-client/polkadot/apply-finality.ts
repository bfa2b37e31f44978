import { createAuthoritySet } from './authority-set.ts';
import { GrandpaError } from './grandpa-error.ts';
import type { PolkadotStore } from './store.ts';
import type { VerifiedFinality } from './verify-finality.ts';

/**
 * Moves the store to a block verified against it, and to the next authority set if the block announces one.
 *
 * SPEC: docs/light-client-rules.md C.2 "Authority set tracking"; spec.polkadot.network definition 73 (set ids rise by one).
 * SECURITY: a set change cannot be skipped. The block that announces it is the last that the old set votes for (delay
 * 0), so a later block is signed under the next set id and does not verify before the announcing block itself was the
 * target of a justification and applied. Headers in `votesAncestries` never change the set.
 *
 * @throws {GrandpaError} GRANDPA_STORE_MISMATCH: verified against another store, or the store moved on since
 * @throws {AuthoritySetError} the announced set must not be trusted: the client halts
 */
export function applyFinality(store: PolkadotStore, verified: VerifiedFinality): PolkadotStore {
  const { block, authoritySet, nextAuthorities } = verified;
  if (authoritySet !== store.authoritySet || block.number <= store.finalized.number) {
    throw new GrandpaError('GRANDPA_STORE_MISMATCH', { number: block.number, block: block.hash });
  }
  if (nextAuthorities === undefined) return { finalized: block, authoritySet };
  const nextSet = createAuthoritySet(authoritySet.setId + 1n, nextAuthorities);
  return { finalized: block, authoritySet: nextSet };
}
