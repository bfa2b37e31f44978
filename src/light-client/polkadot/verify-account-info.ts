import { createScaleCursor, readBytes, readCompact, readU8 } from '../../codec/scale.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { accountInfoKey } from './storage-keys.ts';
import { verifyReadProof } from './verify-read-proof.ts';

/** What identifies a pallet-revive contract for good. */
export interface ContractInfo {
  /** Id of its child trie, 32 bytes. */
  readonly trieId: Hex;
  /** keccak-256 of the runtime code, 32 bytes. */
  readonly codeHash: Hex;
}

const ACCOUNT_TYPE_CONTRACT = 0;

/**
 * The trie id and code hash of a contract, to be pinned when it is registered.
 *
 * SPEC: docs/light-client-rules.md C.3 "pallet-revive". Only the front of `AccountInfo` is read: account type, trie id, code hash.
 * What follows differs between versions of the pallet.
 *
 * @param stateRoot 32 bytes, of a final block
 * @param address   20 bytes
 * @param nodes     the `proof` of `state_getReadProof` for `Revive.AccountInfoOf(address)` (untrusted)
 * @throws {AccountInfoError} ACCOUNT_ABSENT, ACCOUNT_NOT_CONTRACT, ACCOUNT_TRIE_ID_LENGTH
 * @throws {ReadProofError | TrieNodeError | ScaleError} as `verifyReadProof`
 */
export function verifyAccountInfo(
  stateRoot: Hex,
  address: Hex,
  nodes: readonly Uint8Array[],
): ContractInfo {
  const info = verifyReadProof(stateRoot, accountInfoKey(address), nodes);
  if (info === undefined) throw new AccountInfoError('ACCOUNT_ABSENT', address);
  return decodeContractInfo(info, address);
}

function decodeContractInfo(info: Uint8Array, address: Hex): ContractInfo {
  const cursor = createScaleCursor(info);
  if (readU8(cursor) !== ACCOUNT_TYPE_CONTRACT) {
    throw new AccountInfoError('ACCOUNT_NOT_CONTRACT', address);
  }
  if (readCompact(cursor) !== 32) throw new AccountInfoError('ACCOUNT_TRIE_ID_LENGTH', address);
  return { trieId: toHex(readBytes(cursor, 32)), codeHash: toHex(readBytes(cursor, 32)) };
}

export type AccountInfoErrorCode =
  | 'ACCOUNT_ABSENT'
  | 'ACCOUNT_NOT_CONTRACT'
  | 'ACCOUNT_TRIE_ID_LENGTH';

const FOUND: Record<AccountInfoErrorCode, string> = {
  ACCOUNT_ABSENT: 'no account',
  ACCOUNT_NOT_CONTRACT: 'an account without code',
  ACCOUNT_TRIE_ID_LENGTH: 'a trie id that is not 32 bytes',
};

/** Proven: there is no such contract at that address in that state. */
export class AccountInfoError extends BridgeError<{ address: Hex }> {
  readonly code: AccountInfoErrorCode;
  readonly disposition = 'reject';
  constructor(code: AccountInfoErrorCode, address: Hex) {
    super(`Account ${address}: expected a contract, got ${FOUND[code]}; check the address.`, {
      address,
    });
    this.code = code;
  }
}
