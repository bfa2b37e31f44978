import { createPublicKey, verify } from 'node:crypto';
import { encodeU32, encodeU64 } from '../../src/codec/scale.ts';
import { applyFinality } from '../../src/light-client/polkadot/apply-finality.ts';
import { decodeJustification } from '../../src/light-client/polkadot/justification.ts';
import type { PolkadotStore } from '../../src/light-client/polkadot/store.ts';
import {
  type FinalityFragment,
  verifyFinality,
} from '../../src/light-client/polkadot/verify-finality.ts';
import { concatBytes } from '../../src/shared/bytes.ts';
import {
  childBlock,
  genesis,
  grandpaDigest,
  justify,
  scheduledChange,
  storeAt,
  type TestAuthority,
  testAuthorities,
} from '../../test/support/grandpa.ts';

/** A justification by just enough of an authority set. */
export interface JustificationCase {
  readonly name: string;
  readonly authorities: readonly TestAuthority[];
  readonly store: PolkadotStore;
  readonly fragment: FinalityFragment;
}

/** A set of that size; with `isHandOver` the block announces another one of the same size. */
export function justificationCase(size: number, isHandOver = false): JustificationCase {
  const authorities = testAuthorities(size);
  const signatures = size - Math.floor((size - 1) / 3);
  const next = isHandOver ? testAuthorities(size, size) : [];
  const digest = isHandOver ? [grandpaDigest(scheduledChange(next))] : [];
  const block = childBlock(genesis, { digest });
  const justification = justify(authorities.slice(0, signatures), block);
  return {
    name: `${signatures} signatures of ${size} authorities`,
    authorities,
    store: storeAt(authorities),
    fragment: { header: block.header, justification },
  };
}

/** Decodes, verifies and applies the justification. */
export function finalize({ store, fragment }: JustificationCase): PolkadotStore {
  return applyFinality(store, verifyFinality(store, fragment));
}

/** The same client with the set installed anew, its keys not imported yet: as after a hand-over. */
export function withColdSet(justification: JustificationCase): JustificationCase {
  return { ...justification, store: storeAt(justification.authorities) };
}

/** What no verifier can leave out: the signatures, payloads and keys being ready. */
export function bareSignatureChecks({ fragment }: JustificationCase): () => boolean {
  const { round, commit } = decodeJustification(fragment.justification);
  const ready = commit.precommits.map(({ id, signature, targetHash, targetNumber }) => {
    const key = createPublicKey({ key: id, format: 'raw-public', asymmetricKeyType: 'ed25519' });
    const vote = concatBytes(Uint8Array.of(1), targetHash, encodeU32(targetNumber));
    return { key, signature, payload: concatBytes(vote, encodeU64(round), encodeU64(0n)) };
  });
  return () => ready.every(({ key, signature, payload }) => verify(null, payload, key, signature));
}
