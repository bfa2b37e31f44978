import { keccak256 } from '../../crypto/hashes.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { findFinalBlock } from '../state-proof-error.ts';
import type { EthereumConfig } from './config.ts';
import type { EthereumBlock } from './final-block.ts';
import { type Account, verifyAccountProof } from './verify-account-proof.ts';
import { type ExecutionHeader, verifyExecutionHeader } from './verify-execution-header.ts';

/** An account in a block that is known to be final. */
export interface ProvenAccount {
  readonly header: ExecutionHeader;
  /** Undefined if the proof shows that there is none. */
  readonly account: Account | undefined;
}

/** The final blocks that a proof may be under. */
export interface KnownBlocks {
  /** What the configuration calls the light client; stands in errors. */
  readonly client: string;
  /** Undefined where blocks are taken to be final without a light client. */
  readonly config: EthereumConfig | undefined;
  readonly recent: readonly EthereumBlock[];
}

/**
 * The account at an address in the final block that `header` is of, whose form is held to the fork that proves it.
 *
 * @throws {StateProofError} STATE_PROOF_BLOCK_UNKNOWN
 * @throws {ExecutionHeaderError | TrieProofError | AccountError | RlpError} as the verifiers
 */
export function proveAccount(
  proof: { readonly header: Uint8Array; readonly accountProof: readonly Uint8Array[] },
  address: Hex,
  known: KnownBlocks,
): ProvenAccount {
  const { hash, slot } = findFinalBlock(known, toHex(keccak256(proof.header)));
  const { config } = known;
  const proven = slot === undefined || config === undefined ? undefined : { slot, config };
  const header = verifyExecutionHeader(proof.header, hash, proven);
  return { header, account: verifyAccountProof(header.stateRoot, address, proof.accountProof) };
}
