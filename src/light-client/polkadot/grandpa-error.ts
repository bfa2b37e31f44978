import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';

export type GrandpaErrorCode =
  | 'GRANDPA_TARGET_MISMATCH'
  | 'GRANDPA_NOT_NEWER'
  | 'GRANDPA_TOO_MANY_PRECOMMITS'
  | 'GRANDPA_AUTHORITY_UNKNOWN'
  | 'GRANDPA_AUTHORITY_REPEATED'
  | 'GRANDPA_PRECOMMIT_BELOW_TARGET'
  | 'GRANDPA_PRECOMMIT_NOT_DESCENDANT'
  | 'GRANDPA_PRECOMMIT_NUMBER_MISMATCH'
  | 'GRANDPA_ANCESTRY_REPEATED'
  | 'GRANDPA_ANCESTRY_UNUSED'
  | 'GRANDPA_SIGNATURE_INVALID'
  | 'GRANDPA_BELOW_THRESHOLD'
  | 'GRANDPA_STORE_MISMATCH';

const EXPECTED: Record<GrandpaErrorCode, string> = {
  GRANDPA_TARGET_MISMATCH: 'a commit for the given header, got one for another block',
  GRANDPA_NOT_NEWER: 'a block above the last final one',
  GRANDPA_TOO_MANY_PRECOMMITS: 'at most one precommit per authority',
  GRANDPA_AUTHORITY_UNKNOWN: 'precommits by the running set, got a stranger',
  GRANDPA_AUTHORITY_REPEATED: 'one precommit per authority, got two of one',
  GRANDPA_PRECOMMIT_BELOW_TARGET: 'precommits at or above the target, got one below',
  GRANDPA_PRECOMMIT_NOT_DESCENDANT: 'precommits for the target or its descendants, got another',
  GRANDPA_PRECOMMIT_NUMBER_MISMATCH: "the number that the voted block's header says",
  GRANDPA_ANCESTRY_REPEATED: 'every ancestry header once, got one twice',
  GRANDPA_ANCESTRY_UNUSED: 'only the ancestry headers that the votes need, got another',
  GRANDPA_SIGNATURE_INVALID: 'valid signatures of the running set id, got another',
  GRANDPA_BELOW_THRESHOLD: 'more than two thirds of the weight',
  GRANDPA_STORE_MISMATCH: 'a finality proof verified against this very store',
};

/** What a refusal is about, as far as it applies. */
export interface GrandpaErrorMeta {
  readonly number?: number;
  readonly block?: Hex;
  readonly authority?: Hex;
  readonly setId?: bigint;
  readonly weight?: bigint;
  readonly threshold?: bigint;
}

/** A justification that does not make its block final. Another justification of the same block may. */
export class GrandpaError extends BridgeError<GrandpaErrorMeta> {
  readonly code: GrandpaErrorCode;
  readonly disposition = 'reject';
  constructor(code: GrandpaErrorCode, meta: GrandpaErrorMeta) {
    super(`Justification refused: expected ${EXPECTED[code]}; ask another node for one.`, meta);
    this.code = code;
  }
}
