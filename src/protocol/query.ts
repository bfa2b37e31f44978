import { bytes32Word, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import type { Hex } from '../shared/bytes.ts';
import { utf8 } from '../shared/bytes.ts';
import { type AccountOwner, accountId } from './account.ts';
import { hashStruct, type SigningDomain, typedDataDigest } from './eip712.ts';

// SPEC: docs/protocol.md, "Reading". Whoever holds a permit of an account's owner asks an enclave about it, sealed both ways.

/** Bytes of a sealed question at most. */
export const MAX_QUERY_BYTES = 1024;
/** Bytes of a sealed answer at most. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** What a permit opens, by the byte that names it: an account's balances, nonce window and waiting legs. */
export const PERMIT_SCOPES = { balances: 1 } as const;
export type PermitScope = keyof typeof PERMIT_SCOPES;

/** What the owner of an account signs so that somebody, maybe they themselves, can read it. */
export interface AccountPermit {
  readonly owner: AccountOwner;
  /** X25519 public key that answers are sealed to, 32 bytes. */
  readonly reader: Hex;
  readonly what: PermitScope;
  /** It holds while the ledger's last round is one of these. */
  readonly firstRound: bigint;
  readonly lastRound: bigint;
  /** It ends when the account's nonce of this number is used or has been passed. */
  readonly revocationNonce: bigint;
}

const PERMIT_TYPE =
  'Permit(bytes32 account,bytes32 reader,string what,uint64 firstRound,uint64 lastRound,uint64 revocationNonce)';

/** What the owner signs, by EIP-712, 32 bytes; signed and verified as an order is. */
export function permitDigest(ledger: SigningDomain, permit: AccountPermit): Uint8Array {
  const hash = hashStruct(
    PERMIT_TYPE,
    bytes32Word(accountId(permit.owner)),
    bytes32Word(permit.reader),
    keccak256(utf8(permit.what)),
    uintWord(permit.firstRound),
    uintWord(permit.lastRound),
    uintWord(permit.revocationNonce),
  );
  return typedDataDigest(ledger, hash);
}
