import type { Brand } from '../../shared/brand.ts';
import { toHex } from '../../shared/bytes.ts';
import { findAuthorityChange } from './authority-change.ts';
import type { Authority, AuthoritySet } from './authority-set.ts';
import { GrandpaError } from './grandpa-error.ts';
import { decodeHeader, type Header, headerHash } from './header.ts';
import { decodeJustification, type Justification } from './justification.ts';
import type { FinalizedBlock, PolkadotStore } from './store.ts';
import { verifyJustification } from './verify-justification.ts';

/** What is needed to show that a block is final, as nodes serve it. */
export interface FinalityFragment {
  /** SCALE header of the block. */
  readonly header: Uint8Array;
  /** SCALE GRANDPA justification whose commit targets that very block. */
  readonly justification: Uint8Array;
}

/**
 * A block shown to be final by the set in `authoritySet`.
 *
 * SECURITY: holds no views, so what becomes of the bytes it was read from cannot change what was verified.
 */
export type VerifiedFinality = Brand<
  {
    readonly block: FinalizedBlock;
    readonly authoritySet: AuthoritySet;
    /** The voters that the block announces for the blocks after it, if it does. */
    readonly nextAuthorities: readonly Authority[] | undefined;
  },
  'VerifiedFinality'
>;

/**
 * Verifies that the running authority set has finalized a block above the last final one.
 *
 * SPEC: docs/light-client-rules.md C.2 `verify`, rules 1 and 2; 3 to 6 are `verifyJustification`.
 * SECURITY: that the block descends from the last final one is not looked at, since it follows: finalizing two blocks
 * of different forks takes votes of more than a third of the weight for both. The digest is read last, as its errors
 * halt the client and anybody can write a header.
 *
 * @param fragment untrusted bytes
 * @throws {ScaleError | HeaderError | JustificationTooLongError} bytes that cannot be decoded (rule 1)
 * @throws {GrandpaError} GRANDPA_TARGET_MISMATCH, GRANDPA_NOT_NEWER (rule 2), and as `verifyJustification`
 * @throws {AuthorityChangeError} the block is final and changes the voters in a way that cannot be followed: halt
 */
export function verifyFinality(store: PolkadotStore, fragment: FinalityFragment): VerifiedFinality {
  const { authoritySet } = store;
  const header = decodeHeader(fragment.header);
  const justification = decodeJustification(fragment.justification);
  const block = verifyTarget(store, header, justification);
  verifyJustification(authoritySet, justification);
  const nextAuthorities = findAuthorityChange(header)?.nextAuthorities;
  // CAST: the rules above are what the brand stands for.
  return { block, authoritySet, nextAuthorities } as VerifiedFinality;
}

/** Rule 2: the commit is for this header, and the header is news. */
function verifyTarget(
  store: PolkadotStore,
  header: Header,
  { commit }: Justification,
): FinalizedBlock {
  const { number } = header;
  const hash = headerHash(header);
  if (toHex(commit.targetHash) !== hash || commit.targetNumber !== number) {
    throw new GrandpaError('GRANDPA_TARGET_MISMATCH', { number, block: hash });
  }
  if (number <= store.finalized.number) throw new GrandpaError('GRANDPA_NOT_NEWER', { number });
  return { number, hash, stateRoot: toHex(header.stateRoot) };
}
