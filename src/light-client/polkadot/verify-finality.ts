import type { Brand } from '../../shared/brand.ts';
import { toHex } from '../../shared/bytes.ts';
import type { AuthoritySet } from './authority-set.ts';
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

/** A block shown to be final by the set in `authoritySet`. */
export type VerifiedFinality = Brand<
  {
    readonly block: FinalizedBlock;
    readonly header: Header;
    readonly authoritySet: AuthoritySet;
  },
  'VerifiedFinality'
>;

/**
 * Verifies that the running authority set has finalised a block above the last final one.
 *
 * SPEC: light-clients C.2 `verify`, rules 1 and 2; 3 to 6 are `verifyJustification`.
 *
 * @param fragment untrusted bytes
 * @throws {ScaleError | HeaderError | JustificationTooLongError} bytes that cannot be decoded (rule 1)
 * @throws {GrandpaError} GRANDPA_TARGET_MISMATCH, GRANDPA_NOT_NEWER (rule 2), and as `verifyJustification`
 */
export function verifyFinality(store: PolkadotStore, fragment: FinalityFragment): VerifiedFinality {
  const { authoritySet } = store;
  const header = decodeHeader(fragment.header);
  const justification = decodeJustification(fragment.justification);
  const block = verifyTarget(store, header, justification);
  verifyJustification(authoritySet, justification);
  // CAST: the rules above are what the brand stands for.
  return { block, header, authoritySet } as VerifiedFinality;
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
