import { addressWord, bytes32Word, uintWord } from '../codec/abi.ts';
import type { Hex } from '../shared/bytes.ts';
import { hashArray, hashStruct, type SigningDomain, typedDataDigest } from './eip712.ts';

// KEEP IN SYNC: contracts-evm/src/libraries/CommitHash.sol; test/vectors/typed-data.json holds both to it.
const CURSOR_TYPE = 'Cursor(uint256 chainId,uint64 count)';
const COMMIT_TYPE =
  'Commit(uint64 epoch,uint64 number,bytes32 prevState,bytes32 postState,Cursor[] inputs,address beneficiary)' +
  CURSOR_TYPE;

/** Up to where a transition has consumed a chain's outbox. */
export interface Cursor {
  readonly chainId: bigint;
  /** Messages consumed since the gateway was deployed. */
  readonly count: bigint;
}

/** One block of the ledger, as the anchor chain stores it: two hashes and the cursors. */
export interface Commit {
  /** Number of the transition; the genesis state has number 0. */
  readonly number: bigint;
  /** State id the transition starts from, 32 bytes. */
  readonly prevState: Hex;
  /** State id it ends in, 32 bytes. */
  readonly postState: Hex;
  /** One per chain, by ascending chain id. */
  readonly inputs: readonly Cursor[];
  /** Who paid for the commit and gets the commit's share of the fees, 20 bytes. */
  readonly beneficiary: Hex;
}

/** What an enclave of `epoch` signs for the anchor contract at `domain`, 32 bytes. */
export function commitDigest(domain: SigningDomain, epoch: bigint, commit: Commit): Uint8Array {
  const inputs = commit.inputs.map((cursor) =>
    hashStruct(CURSOR_TYPE, uintWord(cursor.chainId), uintWord(cursor.count)),
  );
  const hash = hashStruct(
    COMMIT_TYPE,
    uintWord(epoch),
    uintWord(commit.number),
    bytes32Word(commit.prevState),
    bytes32Word(commit.postState),
    hashArray(inputs),
    addressWord(commit.beneficiary),
  );
  return typedDataDigest(domain, hash);
}
