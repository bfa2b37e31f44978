import { bytes32Word, uintWord } from '../codec/abi.ts';
import type { Hex } from '../shared/bytes.ts';
import { hashArray, hashStruct, type SigningDomain, typedDataDigest } from './eip712.ts';

// test/vectors/typed-data.json holds this file and contracts-evm/src/libraries/CommitHash.sol to the same hashes.
const CURSOR_TYPE = 'Cursor(uint256 chainId,uint64 count)';
const COMMIT_TYPE =
  'Commit(uint64 epoch,uint64 number,uint64 round,uint64 asOf,bytes32 prevState,bytes32 postState,Cursor[] inputs,uint64 control,Cursor[] paid,bytes32 beneficiary)' +
  CURSOR_TYPE;

/** How far along a chain's messages, or its releases, something has come. */
export interface Cursor {
  readonly chainId: bigint;
  /** Messages, or releases, since the gateway was deployed. */
  readonly count: bigint;
}

/** One block of the ledger, as the anchor chain stores it: two hashes and the cursors. */
export interface Commit {
  /** Number of the transition; the genesis state has number 0. */
  readonly number: bigint;
  /** The last round it consumed; above the one before. */
  readonly round: bigint;
  /** Time of a final header of the anchor chain that every signer has verified, in seconds of Unix time; never below the one before. */
  readonly asOf: bigint;
  /** State id the transition starts from, 32 bytes. */
  readonly prevState: Hex;
  /** State id it ends in, 32 bytes. */
  readonly postState: Hex;
  /** What is consumed of every chain's outbox, by ascending chain id. */
  readonly inputs: readonly Cursor[];
  /** What is consumed of the anchor's own outbox. */
  readonly control: bigint;
  /** What destinations are proven to have paid, by ascending chain id: prunes what is outstanding and does nothing else. */
  readonly paid: readonly Cursor[];
  /** The account that is credited with the messages' fees, 32 bytes. */
  readonly beneficiary: Hex;
}

/** What an enclave of `epoch` signs for the anchor contract at `domain`, 32 bytes. */
export function commitDigest(domain: SigningDomain, epoch: bigint, commit: Commit): Uint8Array {
  const hash = hashStruct(
    COMMIT_TYPE,
    uintWord(epoch),
    uintWord(commit.number),
    uintWord(commit.round),
    uintWord(commit.asOf),
    bytes32Word(commit.prevState),
    bytes32Word(commit.postState),
    hashCursors(commit.inputs),
    uintWord(commit.control),
    hashCursors(commit.paid),
    bytes32Word(commit.beneficiary),
  );
  return typedDataDigest(domain, hash);
}

function hashCursors(cursors: readonly Cursor[]): Uint8Array {
  return hashArray(
    cursors.map(({ chainId, count }) =>
      hashStruct(CURSOR_TYPE, uintWord(chainId), uintWord(count)),
    ),
  );
}
