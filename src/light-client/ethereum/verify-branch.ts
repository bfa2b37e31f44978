import { branchDepth, isValidMerkleBranch } from '../../crypto/ssz-merkle.ts';
import { LightClientError } from './light-client-error.ts';

/** A claim that `leaf` is at `gindex` under `root`. */
export interface BranchClaim {
  /** What is claimed, for the error. */
  readonly subject: string;
  /** 32 bytes. */
  readonly leaf: Uint8Array;
  /** Siblings from the leaf up (untrusted). */
  readonly branch: readonly Uint8Array[];
  readonly gindex: number;
  /** 32 bytes, already trusted or about to be signed. */
  readonly root: Uint8Array;
}

/**
 * Checks a Merkle branch of exactly the length that `gindex` has.
 *
 * SPEC: `is_valid_merkle_branch`. DIFF FROM SPEC: `is_valid_normalized_merkle_branch` would also take a
 * longer branch with leading zeros, the form of old data in new containers.
 *
 * @throws {LightClientError} ETHEREUM_BRANCH_LENGTH, ETHEREUM_BRANCH_INVALID
 */
export function verifyBranch(claim: BranchClaim): void {
  const { subject, leaf, branch, gindex, root } = claim;
  const depth = branchDepth(gindex);
  if (branch.length !== depth) {
    const meta = { subject, expected: `${depth} siblings`, got: `${branch.length}` };
    throw new LightClientError('ETHEREUM_BRANCH_LENGTH', meta);
  }
  if (!isValidMerkleBranch(leaf, branch, { gindex, root })) {
    const meta = { subject, expected: `its root at index ${gindex}`, got: 'another root' };
    throw new LightClientError('ETHEREUM_BRANCH_INVALID', meta);
  }
}

/** True if all siblings are zero: the default branch, with which nothing is claimed. */
export function isZeroBranch(branch: readonly Uint8Array[]): boolean {
  return branch.every((sibling) => sibling.every((byte) => byte === 0));
}
