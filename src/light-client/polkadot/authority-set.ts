import {
  type Ed25519PublicKey,
  importEd25519Key,
  isSmallOrderEd25519,
} from '../../crypto/ed25519.ts';
import type { Brand } from '../../shared/brand.ts';
import { fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { MAX_AUTHORITIES } from './limits.ts';

/** One GRANDPA voter. */
export interface Authority {
  /** ed25519 public key, 32 bytes. */
  readonly id: Hex;
  /** u64, not zero. */
  readonly weight: bigint;
}

/** A set of voters that passed the checks of `createAuthoritySet`; frozen. */
export type AuthoritySet = Brand<
  { readonly setId: bigint; readonly authorities: readonly Authority[] },
  'AuthoritySet'
>;

const MAX_U64 = (1n << 64n) - 1n;

/**
 * Installs a set of voters.
 *
 * SPEC: docs/light-client-rules.md C.2, "Signature semantics"; finality-grandpa@321973e src/voter_set.rs `VoterSet::new`.
 * DIFF FROM SPEC: `VoterSet::new` adds up the weights of a repeated id and drops zero weights; both are refused here.
 * SECURITY: under a key of small order anybody can sign, so one such voter gives its weight to the host.
 *
 * @param setId u64, from 0, one more at every change
 * @throws {AuthoritySetError} no or too many voters; a key that is repeated, not 32 bytes or of small order; a weight
 *   that is zero; weights whose sum exceeds u64
 */
export function createAuthoritySet(setId: bigint, authorities: readonly Authority[]): AuthoritySet {
  if (authorities.length === 0) refuse('AUTHORITY_SET_EMPTY', setId);
  if (authorities.length > MAX_AUTHORITIES) refuse('AUTHORITY_SET_TOO_LARGE', setId);
  if (setId < 0n || setId > MAX_U64) refuse('AUTHORITY_SET_ID_OUT_OF_RANGE', setId);
  const seen = new Set<Hex>();
  const voters = authorities.map(({ id, weight }) => {
    const key = fromHex(id, 32);
    const voter = Object.freeze({ id: toHex(key), weight });
    if (seen.has(voter.id)) refuse('AUTHORITY_SET_KEY_REPEATED', setId, voter.id);
    if (isSmallOrderEd25519(key)) refuse('AUTHORITY_SET_KEY_SMALL_ORDER', setId, voter.id);
    if (weight <= 0n) refuse('AUTHORITY_SET_WEIGHT_ZERO', setId, voter.id);
    seen.add(voter.id);
    return voter;
  });
  if (totalWeight(voters) > MAX_U64) refuse('AUTHORITY_SET_WEIGHT_OVERFLOW', setId);
  // CAST: the checks above are what the brand stands for.
  return Object.freeze({ setId, authorities: Object.freeze(voters) }) as AuthoritySet;
}

/**
 * The least weight of precommits that finalizes: `total - floor((total - 1) / 3)`.
 *
 * SPEC: finality-grandpa@321973e src/voter_set.rs `threshold`; 6 voters of weight 1 → 5, 297 → 199, 600 → 401.
 */
export function computeThreshold(set: AuthoritySet): bigint {
  const total = totalWeight(set.authorities);
  return total - (total - 1n) / 3n;
}

/** A voter with its key ready for use. */
export interface Voter {
  readonly weight: bigint;
  readonly key: Ed25519PublicKey;
}

// Importing a key costs a few percent of verifying under it, so it is done once per set. The sets are frozen, so
// what is remembered cannot differ from what would be computed; it goes when its set goes.
const votersOfSet = new WeakMap<AuthoritySet, ReadonlyMap<Hex, Voter>>();

/** The voters of a set by id, their keys imported once per set. */
export function votersById(set: AuthoritySet): ReadonlyMap<Hex, Voter> {
  const known = votersOfSet.get(set);
  if (known !== undefined) return known;
  const voters = new Map(
    set.authorities.map(({ id, weight }) => [id, { weight, key: importEd25519Key(fromHex(id)) }]),
  );
  votersOfSet.set(set, voters);
  return voters;
}

function totalWeight(authorities: readonly Authority[]): bigint {
  return authorities.reduce((sum, { weight }) => sum + weight, 0n);
}

function refuse(code: AuthoritySetErrorCode, setId: bigint, id?: Hex): never {
  throw new AuthoritySetError(code, id === undefined ? { setId } : { setId, id });
}

export type AuthoritySetErrorCode =
  | 'AUTHORITY_SET_EMPTY'
  | 'AUTHORITY_SET_TOO_LARGE'
  | 'AUTHORITY_SET_ID_OUT_OF_RANGE'
  | 'AUTHORITY_SET_KEY_REPEATED'
  | 'AUTHORITY_SET_KEY_SMALL_ORDER'
  | 'AUTHORITY_SET_WEIGHT_ZERO'
  | 'AUTHORITY_SET_WEIGHT_OVERFLOW';

const REASONS: Record<AuthoritySetErrorCode, string> = {
  AUTHORITY_SET_EMPTY: 'at least one authority, got none',
  AUTHORITY_SET_TOO_LARGE: `at most ${MAX_AUTHORITIES} authorities, got more`,
  AUTHORITY_SET_ID_OUT_OF_RANGE: 'a set id of 64 bits',
  AUTHORITY_SET_KEY_REPEATED: 'every key once, got one twice',
  AUTHORITY_SET_KEY_SMALL_ORDER: 'keys of large order, got one under which anybody can sign',
  AUTHORITY_SET_WEIGHT_ZERO: 'weights above zero',
  AUTHORITY_SET_WEIGHT_OVERFLOW: 'weights that add up to less than 2^64',
};

/** A set that must not be trusted to finalize; following it further would be unsafe. */
export class AuthoritySetError extends BridgeError<{ setId: bigint; id?: Hex }> {
  readonly code: AuthoritySetErrorCode;
  readonly disposition = 'halt';
  constructor(code: AuthoritySetErrorCode, meta: { setId: bigint; id?: Hex }) {
    super(
      `Authority set ${meta.setId} refused: expected ${REASONS[code]}; start again from a newer checkpoint.`,
      meta,
    );
    this.code = code;
  }
}
