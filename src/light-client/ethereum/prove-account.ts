import { keccak256 } from '../../crypto/hashes.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { findFinalBlock } from '../state-proof-error.ts';
import type { EthereumBlock } from './final-block.ts';
import { type Account, verifyAccountProof } from './verify-account-proof.ts';
import { type ExecutionHeader, verifyExecutionHeader } from './verify-execution-header.ts';

/** An account in a block that is known to be final. */
export interface ProvenAccount {
  readonly header: ExecutionHeader;
  /** Undefined if the proof shows that there is none. */
  readonly account: Account | undefined;
}

/**
 * The account at an address in the final block that `header` is of.
 *
 * @throws {StateProofError} STATE_PROOF_BLOCK_UNKNOWN
 * @throws {ExecutionHeaderError | TrieProofError | AccountError | RlpError} as the verifiers
 */
export function proveAccount(
  proof: { readonly header: Uint8Array; readonly accountProof: readonly Uint8Array[] },
  address: Hex,
  known: { readonly client: string; readonly recent: readonly EthereumBlock[] },
): ProvenAccount {
  const { hash } = findFinalBlock(known, toHex(keccak256(proof.header)));
  const header = verifyExecutionHeader(proof.header, hash);
  return { header, account: verifyAccountProof(header.stateRoot, address, proof.accountProof) };
}
