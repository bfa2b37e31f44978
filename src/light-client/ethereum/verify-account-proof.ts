import { decodeRlp, decodeRlpInteger, type RlpItem } from '../../codec/rlp.ts';
import { keccak256 } from '../../crypto/hashes.ts';
import { verifyTrieProof } from '../../crypto/merkle-patricia.ts';
import type { Brand } from '../../shared/brand.ts';
import { fromHex, type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';

/** An account of a proven state. */
export type Account = Brand<
  {
    readonly nonce: bigint;
    readonly balanceWei: bigint;
    readonly storageRoot: Hex;
    readonly codeHash: Hex;
  },
  'Account'
>;

/**
 * The account at `address`, or undefined if the proof shows that the state has none.
 *
 * SPEC: Yellow Paper 4.1: the state trie maps Keccak-256 of the address to RLP of
 * [nonce, balance, storageRoot, codeHash]. `proof` is `accountProof` of `eth_getProof` (EIP-1186).
 *
 * @param stateRoot 32 bytes, proven
 * @param address   20 bytes
 * @param proof     nodes from the root down (untrusted)
 * @throws {TrieProofError} the proof shows neither the account nor its absence
 * @throws {AccountError} ETHEREUM_ACCOUNT_MALFORMED: the value is no account
 * @throws {RlpError} a node or the account is not canonical
 */
export function verifyAccountProof(
  stateRoot: Hex,
  address: Hex,
  proof: readonly Uint8Array[],
): Account | undefined {
  const key = keccak256(fromHex(address, 20));
  const value = verifyTrieProof(fromHex(stateRoot, 32), key, proof);
  return value === undefined ? undefined : decodeAccount(value);
}

function decodeAccount(value: Uint8Array): Account {
  const fields = decodeRlp(value);
  if (fields instanceof Uint8Array || fields.length !== 4) {
    const got = fields instanceof Uint8Array ? 'a string' : `${fields.length} items`;
    throw new AccountError({ expected: 'a list of 4 items', got });
  }
  const [nonce = [], balance = [], storageRoot = [], codeHash = []] = fields;
  const account = {
    nonce: decodeRlpInteger(nonce, 8),
    balanceWei: decodeRlpInteger(balance, 32),
    storageRoot: decodeHash(storageRoot),
    codeHash: decodeHash(codeHash),
  };
  // CAST: the brand of this module; the trie proof has held.
  return account as Account;
}

function decodeHash(item: RlpItem): Hex {
  if (item instanceof Uint8Array && item.length === 32) return toHex(item);
  throw new AccountError({ expected: 'a hash of 32 bytes', got: `${item.length} bytes or items` });
}

/** The trie holds something that is no account: no honest chain has such a state. */
export class AccountError extends BridgeError<{ expected: string; got: string }> {
  readonly code = 'ETHEREUM_ACCOUNT_MALFORMED';
  readonly disposition = 'reject';
  constructor(meta: { expected: string; got: string }) {
    super(`The proven account is malformed: expected ${meta.expected}, got ${meta.got}.`, meta);
  }
}
