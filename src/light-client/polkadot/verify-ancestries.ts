import { type Hex, toHex } from '../../shared/bytes.ts';
import { GrandpaError } from './grandpa-error.ts';
import { type Header, headerHash } from './header.ts';
import type { Justification } from './justification.ts';

interface Ancestor {
  readonly parentHash: Hex;
  readonly number: number;
}

/**
 * Checks that every precommit votes for the commit's target or a descendant of it, and that `votesAncestries` holds
 * the headers that show this and no other.
 *
 * SPEC: docs/light-client-rules.md C.2 verify, rules 3, 4 (descent) and 6; polkadot-sdk bridges/primitives/header-chain
 * src/justification/verification/strict.rs.
 * SECURITY: this is what ties the signatures to the commit's target, which nobody signs. Each header is walked at most
 * once, whatever the number of votes.
 * DIFF FROM SPEC: a vote's number must be that of the header it votes for; nodes take the voter's word for it.
 *
 * @throws {GrandpaError} GRANDPA_ANCESTRY_REPEATED, GRANDPA_PRECOMMIT_BELOW_TARGET, GRANDPA_PRECOMMIT_NOT_DESCENDANT,
 *   GRANDPA_PRECOMMIT_NUMBER_MISMATCH, GRANDPA_ANCESTRY_UNUSED
 */
export function verifyAncestries({ commit, votesAncestries }: Justification): void {
  const unused = indexByHash(votesAncestries);
  const connected = new Map([[toHex(commit.targetHash), commit.targetNumber]]);
  for (const { targetHash, targetNumber } of commit.precommits) {
    const block = toHex(targetHash);
    if (targetNumber < commit.targetNumber) {
      throw new GrandpaError('GRANDPA_PRECOMMIT_BELOW_TARGET', { block });
    }
    connect(block, unused, connected);
    if (connected.get(block) !== targetNumber) {
      throw new GrandpaError('GRANDPA_PRECOMMIT_NUMBER_MISMATCH', { block });
    }
  }
  for (const block of unused.keys()) throw new GrandpaError('GRANDPA_ANCESTRY_UNUSED', { block });
}

function indexByHash(headers: readonly Header[]): Map<Hex, Ancestor> {
  const ancestors = new Map<Hex, Ancestor>();
  for (const header of headers) {
    const block = headerHash(header);
    if (ancestors.has(block)) throw new GrandpaError('GRANDPA_ANCESTRY_REPEATED', { block });
    ancestors.set(block, { parentHash: toHex(header.parentHash), number: header.number });
  }
  return ancestors;
}

/** Follows parents from `voted` to a connected block; what lies between moves from `unused` to `connected`. */
function connect(voted: Hex, unused: Map<Hex, Ancestor>, connected: Map<Hex, number>): void {
  const walked = new Map<Hex, number>();
  let block = voted;
  while (!connected.has(block)) {
    const ancestor = unused.get(block);
    if (ancestor === undefined) {
      throw new GrandpaError('GRANDPA_PRECOMMIT_NOT_DESCENDANT', { block: voted });
    }
    unused.delete(block);
    walked.set(block, ancestor.number);
    block = ancestor.parentHash;
  }
  for (const [hash, number] of walked) connected.set(hash, number);
}
