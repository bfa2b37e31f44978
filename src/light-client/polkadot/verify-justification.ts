import { encodeU32, encodeU64 } from '../../codec/scale.ts';
import { verifyEd25519 } from '../../crypto/ed25519.ts';
import { concatBytes, toHex } from '../../shared/bytes.ts';
import { type AuthoritySet, computeThreshold, type Voter, votersById } from './authority-set.ts';
import { GrandpaError } from './grandpa-error.ts';
import type { Justification, SignedPrecommit } from './justification.ts';
import { verifyAncestries } from './verify-ancestries.ts';

/**
 * Verifies that the votes of `set` in a justification make its commit's target final.
 *
 * SPEC: docs/light-client-rules.md C.2 `verify`, rules 3 to 6: what nodes check, and what Parity's strict bridge verifier adds.
 * The GHOST of the precommits is not computed: more than two thirds of the weight on descendants of the target make
 * the target final. Votes beyond the threshold are accepted; every vote must hold nevertheless.
 * SECURITY: neither the commit's target nor the set id is signed as such: the target is tied to the votes by
 * `verifyAncestries`, the set id by being part of every signed payload. What is cheap is checked before what is not.
 *
 * @throws {GrandpaError} GRANDPA_TOO_MANY_PRECOMMITS, GRANDPA_AUTHORITY_UNKNOWN, GRANDPA_AUTHORITY_REPEATED,
 *   GRANDPA_BELOW_THRESHOLD, GRANDPA_SIGNATURE_INVALID, and as `verifyAncestries`
 */
export function verifyJustification(set: AuthoritySet, justification: Justification): void {
  const votes = identifyVoters(set, justification);
  verifyWeight(set, votes);
  verifyAncestries(justification);
  verifySignatures(set, justification.round, votes);
}

interface Vote extends Voter {
  readonly precommit: SignedPrecommit;
}

/** Rule 4, who votes: members of the set, each once. A second vote is refused whether it equals the first or not. */
function identifyVoters(set: AuthoritySet, { commit }: Justification): readonly Vote[] {
  const { precommits } = commit;
  if (precommits.length > set.authorities.length) {
    throw new GrandpaError('GRANDPA_TOO_MANY_PRECOMMITS', { setId: set.setId });
  }
  const voters = votersById(set);
  const seen = new Set<string>();
  return precommits.map((precommit) => {
    const authority = toHex(precommit.id);
    const voter = voters.get(authority);
    if (voter === undefined) throw new GrandpaError('GRANDPA_AUTHORITY_UNKNOWN', { authority });
    if (seen.has(authority)) throw new GrandpaError('GRANDPA_AUTHORITY_REPEATED', { authority });
    seen.add(authority);
    return { ...voter, precommit };
  });
}

/** Rule 5: the votes weigh enough. */
function verifyWeight(set: AuthoritySet, votes: readonly Vote[]): void {
  const weight = votes.reduce((sum, vote) => sum + vote.weight, 0n);
  const threshold = computeThreshold(set);
  if (weight < threshold) {
    throw new GrandpaError('GRANDPA_BELOW_THRESHOLD', { setId: set.setId, weight, threshold });
  }
}

/** Rule 4, the signatures: all of them, over the vote, the round and the set id. */
function verifySignatures(set: AuthoritySet, round: bigint, votes: readonly Vote[]): void {
  const roundAndSet = concatBytes(encodeU64(round), encodeU64(set.setId));
  for (const { key, precommit } of votes) {
    if (!verifyEd25519(key, encodeSignedPayload(precommit, roundAndSet), precommit.signature)) {
      const authority = toHex(precommit.id);
      throw new GrandpaError('GRANDPA_SIGNATURE_INVALID', { authority, setId: set.setId });
    }
  }
}

/** `Message::Precommit`; prevotes are 0 and primary proposals 2. */
const PRECOMMIT = Uint8Array.of(1);

/** The 53 bytes that a precommit's voter signs. SPEC: docs/light-client-rules.md C.2 "Signed payload". */
function encodeSignedPayload(vote: SignedPrecommit, roundAndSet: Uint8Array): Uint8Array {
  return concatBytes(PRECOMMIT, vote.targetHash, encodeU32(vote.targetNumber), roundAndSet);
}
